// The sample as a Node.js function: bcrypt's asynchronous calls, which run in libuv's pool. Its size is the variable
// UV_THREADPOOL_SIZE, which the function's configuration sets beside WORKER_COUNT.
'use strict';
const os = require('node:os');
const bcrypt = require('bcrypt');

const COST = 10;
const workers = Number.parseInt(process.env.WORKER_COUNT, 10) || os.availableParallelism();
const password = (number) => `password_${String(number).padStart(6, '0')}`;

exports.handler = async ({ count = 0, mode }) => {
  const start = performance.now();
  const passwords = Array.from({ length: count }, (_, number) => password(number));
  const parallel = mode === 'parallel';
  let hashes = [];
  if (parallel) hashes = await Promise.all(passwords.map((each) => bcrypt.hash(each, COST)));
  else for (const each of passwords) hashes.push(await bcrypt.hash(each, COST));
  return {
    processed: hashes.length,
    duration_ms: Math.round(performance.now() - start),
    threads_used: Math.min(parallel ? workers : 1, count),
  };
};
