"""ARM as the inventory: what is there now, under quota, through failures."""
