// The greeting as five nodes in Node-RED, without its editor: node node-red.js PORT FOLDER
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const RED = require("node-red");
const { isLetIn } = require("./let-in.js");

const [port, folder] = [Number(process.argv[2]), process.argv[3]];
const map = `const inputs = {};
for (const value of msg.payload.inputs) inputs[value.developerName] = value.contentValue;
msg.request = msg.payload; msg.name = inputs.Name; return msg;`;
const answer = `msg.payload = {token: msg.request.token, tenantId: msg.request.tenantId, invokeType: "FORWARD",
culture: null, annotations: {}, waitMessage: null, outputs: [{developerName: "Message", contentValue: msg.greeting,
contentType: "ContentString", objectData: null, typeElementDeveloperName: null, valueElementId: null, typeElementId: null,
typeElementPropertyId: null, typeElementPropertyDeveloperName: null}], selectedOutcomeId: null,
rootFaults: {}, valueFaults: [], mode: null}; return msg;`;
const node = (id, type, wires, more) => ({ id, type, z: "tab", x: 0, y: 0, wires, ...more });
const rule = { t: "set", p: "greeting", pt: "msg", to: '"Hello " & name', tot: "jsonata" };
const flows = [
  { id: "tab", type: "tab", label: "greeting" },
  node("in", "http in", [["map"]], { url: "/fs/greeting/actions/Greet", method: "post", upload: false }),
  node("map", "function", [["switch"]], { func: map, outputs: 1 }),
  node("switch", "switch", [["change"]], {
    property: "name",
    propertyType: "msg",
    rules: [{ t: "nnull" }],
    checkall: "false",
    outputs: 1,
  }),
  node("change", "change", [["answer"]], { rules: [rule] }),
  node("answer", "function", [["out"]], { func: answer, outputs: 1 }),
  node("out", "http response", [], {}),
];
fs.writeFileSync(path.join(folder, "flows.json"), JSON.stringify(flows));
// Its nodes reach into the router of the Express that it brings itself.
const express = require(require.resolve("express", { paths: [require.resolve("node-red")] }));
const app = express();
const server = http.createServer(app);
RED.init(server, {
  httpAdminRoot: false,
  httpNodeRoot: "/",
  userDir: folder,
  flowFile: "flows.json",
  logging: { console: { level: "error" } },
});
app.use((request, response, next) => (isLetIn(request.headers) ? next() : response.status(401).end()));
app.use(RED.settings.httpNodeRoot, RED.httpNode);
RED.events.on("flows:started", () => server.listening || server.listen(port, "127.0.0.1"));
RED.start();
