// On a server each entry point for pages can be imported, and nothing happens: no global, no output, nothing left running.

const before = new Set(Reflect.ownKeys(globalThis));
const names = ["cardseal", "cardseal/direct", "cardseal/elements", "cardseal/react"];
const exported = {};
for (const name of names) exported[name] = Object.keys(await import(name));
const globals = Reflect.ownKeys(globalThis).filter((key) => !before.has(key));
process.stdout.write(JSON.stringify({ exported, globals: globals.map(String) }));
