// What Azure tells of its resources in this subscription. There can be one for each subscription: where
// somebody has made it already, name that one in the table of watched subscriptions instead.

param name string
param tags object

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}

output name string = topic.name
