// Checks Kusto queries with Microsoft's own parser: syntax, tables, columns, types.
//
//   node check.js FOLDER_OF_THE_PACKAGE < {"tables": {table: {column: type}},
//     "functions": {name: {"parameters": "(name: type)", "body": text}}, "queries": {name: text}}
//
// prints {name: [{"code", "message", "line", "text"}]}, with every query, and an empty list for a
// sound one. Hints are left out: they are about style.
"use strict";

const fs = require("fs");
const path = require("path");
const vm = require("vm");

for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(process.argv[2], file), "utf8"));
}
const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;

const { tables, functions, queries } = JSON.parse(fs.readFileSync(0, "utf8"));
const symbols = Object.entries(tables).map(([table, columns]) => {
  const declared = Object.entries(columns).map(([name, type]) => `['${name}']: ${type}`);
  return Symbols.TableSymbol.From(`(${declared.join(", ")})`).WithName(table);
});
// The overload that takes (name, parameterList, body, description).
const saved = Object.entries(functions).map(([name, { parameters, body }]) =>
  new Symbols.FunctionSymbol.$ctor16(name, parameters, `{${body}\n}`, null));
// The overload that takes (name, members, isOpen).
const database = new Symbols.DatabaseSymbol.$ctor1("workspace", [...symbols, ...saved], false);
const globals = GlobalState.Default.WithDatabase(database);

const found = {};
for (const [name, text] of Object.entries(queries)) {
  const diagnostics = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
  found[name] = [];
  for (let at = 0; at < diagnostics.Count; at += 1) {
    const { Code, Severity, Message, Start, Length } = diagnostics.getItem(at);
    if (Severity === "Error" || Severity === "Warning") {
      const line = text.slice(0, Start).split("\n").length;
      found[name].push({ code: Code, message: Message, line, text: text.substr(Start, Length) });
    }
  }
}
process.stdout.write(JSON.stringify(found));
