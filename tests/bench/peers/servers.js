// The greeting by hand in Node: node servers.js node:http|express|fastify PORT
"use strict";
const { isLetIn } = require("./let-in.js");
const PATH = "/fs/greeting/actions/Greet";

function greet(request) {
  const inputs = {};
  for (const value of request.inputs) inputs[value.developerName] = value.contentValue;
  return {
    token: request.token,
    tenantId: request.tenantId,
    invokeType: "FORWARD",
    culture: null,
    annotations: {},
    waitMessage: null,
    outputs: [
      {
        developerName: "Message",
        contentValue: `Hello ${inputs.Name}`,
        contentType: "ContentString",
        objectData: null,
        typeElementDeveloperName: null,
        valueElementId: null,
        typeElementId: null,
        typeElementPropertyId: null,
        typeElementPropertyDeveloperName: null,
      },
    ],
    selectedOutcomeId: null,
    rootFaults: {},
    valueFaults: [],
    mode: null,
  };
}

const servers = {
  "node:http"(port) {
    require("node:http")
      .createServer((request, response) => {
        const pieces = [];
        request.on("data", (piece) => pieces.push(piece));
        request.on("end", () => {
          if (!isLetIn(request.headers)) {
            response.writeHead(401).end();
            return;
          }
          const body = JSON.stringify(greet(JSON.parse(Buffer.concat(pieces))));
          response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
          response.end(body);
        });
      })
      .listen(port, "127.0.0.1");
  },
  express(port) {
    const express = require("express");
    const app = express();
    app.use((request, response, next) => (isLetIn(request.headers) ? next() : response.status(401).end()));
    app.use(express.json());
    app.post(PATH, (request, response) => response.json(greet(request.body)));
    app.listen(port, "127.0.0.1");
  },
  fastify(port) {
    const app = require("fastify")();
    app.addHook("onRequest", (request, reply, done) => {
      if (isLetIn(request.headers)) done();
      else reply.code(401).send();
    });
    app.post(PATH, async (request) => greet(request.body));
    app.listen({ port, host: "127.0.0.1" });
  },
};

servers[process.argv[2]](Number(process.argv[3]));
