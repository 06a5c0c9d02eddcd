// What Node loads: direct mode with the engine inside, as a bundle for a server seldom brings a file along. Only re-exports.

export * from "./index.js";
