// Posts each line of stdin to a sink, and prints what was answered; every default as it is.
import { createInterface } from "node:readline";

const [url, token] = process.argv.slice(2);
for await (const body of createInterface({ input: process.stdin })) {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/cloudevents+json",
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  await answer.arrayBuffer();
  console.log(answer.status);
}
