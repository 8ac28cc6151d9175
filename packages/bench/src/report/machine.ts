import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly broker: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

/** The class of machine the figures belong to; nothing that names this one. */
export function machine(broker: string): Machine {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    broker,
    cpu: first?.model ?? "unknown CPU",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

export function machineLine({ date, node, broker, cpu, cores, memoryGiB }: Machine): string {
  return `${date}, Node ${node}, ${broker}, ${cpu}, ${cores} cores, ${memoryGiB} GiB`;
}
