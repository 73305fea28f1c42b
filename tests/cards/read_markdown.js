// Reads texts, one JSON string a line, and writes what Markdown makes of each, one JSON string a line.
// Harsher than Teams: tags in text are tags, and addresses and bare domains become links.
const markdown = require("markdown-it")({ html: true, linkify: true });
require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => process.stdout.write(JSON.stringify(markdown.render(JSON.parse(line))) + "\n"));
