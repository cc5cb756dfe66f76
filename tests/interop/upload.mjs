// Uploads a file with tus-js-client as its manual shows: stop after two chunks, resume, send again.
// Arguments: the address to create uploads at, the file, its SHA-256. Prints what happened as JSON.
import { createReadStream, statSync } from "node:fs";
import * as tus from "tus-js-client";

const [endpoint, file, sha256] = process.argv.slice(2);
const size = statSync(file).size;
const chunkSize = 1 << 20;
const told = { offsets: [], requests: [] };

function options(more) {
  return {
    endpoint,
    uploadSize: size,
    metadata: { sha256, filetype: "image/jpeg" },
    retryDelays: [0, 10, 50],
    onAfterResponse: (request, response) =>
      told.requests.push([request.getMethod(), response.getStatus()]),
    ...more,
  };
}

function run(more, stopAfter = Infinity) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(createReadStream(file), options({
      onError: reject,
      onSuccess: () => resolve(upload),
      onChunkComplete: (_chunk, accepted) => {
        told.offsets.push(accepted);
        if (accepted >= stopAfter) upload.abort().then(() => resolve(upload), reject);
      },
      ...more,
    }));
    upload.start();
  });
}

const stopped = await run({ chunkSize }, 2 * chunkSize);
told.url = stopped.url;
await run({ chunkSize, uploadUrl: stopped.url });
told.requestsUntilWhole = told.requests.length;
// Sent again from the beginning, in one piece, as after lost settings.
await run({ chunkSize: Infinity });
console.log(JSON.stringify(told));
