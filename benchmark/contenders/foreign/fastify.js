// The Fastify handler: one INSERT a request over a pool of 20 connections of pg.
"use strict";

const { timingSafeEqual } = require("node:crypto");
const fastify = require("fastify");
const { Pool } = require("pg");

const AUTHORIZATION = Buffer.from("Bearer my-token");
// A prepared statement, for it has a name.
const INSERT = {
  name: "insert",
  text: `INSERT INTO notification_once
    (event_id, source, type, time, phone_number, subscription_id, payload)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source, event_id) DO NOTHING`,
};
const TEXT = { type: "string" };
const BODY = {
  type: "object",
  required: ["id", "source", "type", "time", "data"],
  properties: {
    id: TEXT,
    source: TEXT,
    type: TEXT,
    time: { type: "string", format: "date-time" },
    data: {
      type: "object",
      required: ["device"],
      properties: {
        device: { type: "object", properties: { phoneNumber: TEXT } },
        subscriptionId: TEXT,
      },
    },
  },
};

const pool = new Pool(JSON.parse(process.env.DATABASE_POOL));
const app = fastify({ logger: false });

// The text as it was received is what is stored.
app.decorateRequest("text", "");
app.addContentTypeParser("application/cloudevents+json", { parseAs: "string" }, (request, text, done) => {
  try {
    request.text = text;
    done(null, JSON.parse(text));
  } catch (error) {
    error.statusCode = 400;
    done(error);
  }
});

app.addHook("onRequest", async (request, reply) => {
  const sent = Buffer.from(request.headers.authorization ?? "");
  if (sent.length !== AUTHORIZATION.length || !timingSafeEqual(sent, AUTHORIZATION)) {
    return reply.code(401).send();
  }
});

app.post("/notifications", { schema: { body: BODY } }, async (request, reply) => {
  const { id, source, type, time, data } = request.body;
  const values = [id, source, type, time, data.device.phoneNumber, data.subscriptionId, request.text];
  await pool.query({ ...INSERT, values });
  return reply.code(204).send();
});

app.listen({ host: process.argv[2], port: Number(process.argv[3]) });
