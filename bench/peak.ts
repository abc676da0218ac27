// Runs a command and prints the most memory that it had resident, in bytes. A process of its own: a child is charged for what its
// parent holds at the moment of its birth.
const child = Bun.spawn(process.argv.slice(2), { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
await child.exited;
console.log(child.resourceUsage()?.maxRSS);
