// Ends the process once nobody holds the other end of its standard input: also when the tests were killed.
process.stdin.resume().on("end", () => process.exit(0));
process.stdin.unref?.();
