// The one entry of every npm script. Plain JavaScript, so that an old Node can still say what is wrong.
const [name = '', ...args] = process.argv.slice(2);
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`Terrarium needs Node.js 24 or newer; this is ${process.version}.`);
  console.error('Run it through npm (npm start, npm test): "npm ci" brings the right Node.js along.');
  process.exit(1);
}
process.argv.splice(2, process.argv.length, ...args);
await import(`./${name}.ts`);
