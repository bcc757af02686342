// A worker for the Node.js peers; the protocol is in bench/README.md. Both modules hash in libuv's pool, whose size is
// the variable UV_THREADPOOL_SIZE that this process was started with.
'use strict';
const readline = require('node:readline');
const path = require('node:path');
const { createRequire } = require('node:module');

// usage: worker.js MODULE FOLDER, where FOLDER has the node_modules
const [, , name, folder] = process.argv;
const bcrypt = createRequire(path.join(path.resolve(folder), 'package.json'))(name);
// Each has its own way to say the cost.
const hash = name === 'bcrypt' ? (password, cost) => bcrypt.hash(password, cost) : (password, cost) => bcrypt.hash(password, { cost });

async function answer(line) {
  const [count, cost, , times] = line.trim().split(/\s+/).map(Number);
  const passwords = Array.from({ length: count }, (_, i) => `password_${String(i).padStart(6, '0')}`);
  let hashes = [];
  const start = process.hrtime.bigint();
  for (let t = 0; t < times; t++) hashes = await Promise.all(passwords.map((each) => hash(each, cost)));
  const elapsed = process.hrtime.bigint() - start;
  process.stdout.write([elapsed, ...hashes, ''].join('\n'));
}

// One request at a time: the driver waits for each answer.
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  answer(line).catch((error) => {
    console.error(error);
    process.exit(1);
  });
});
