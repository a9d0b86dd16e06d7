/**
 * Loaded into a service before its own code: its clock jumps by what the parent sends. Only the time of day does, as on
 * a machine whose clock is set: timers and stopwatches go on. Ends the service with its parent.
 */
const SystemDate = Date;
let offset = 0;

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offset] : args, newTarget),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

function now(): number {
  return SystemDate.now() + offset;
}

process.on('message', (message: { offset: number }) => {
  offset = message.offset;
});
process.channel?.unref();

// Not by the end of the channel: a service that was frozen when its parent died may miss it.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 500).unref();
