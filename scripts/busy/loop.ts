/** Keeps one core busy until the process that started it has ended. */
const parent = process.ppid;
while (process.ppid === parent);
