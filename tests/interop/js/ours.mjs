import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 20_000;

/** A process of ours that is told lines and tells lines. */
export class Ours {
  constructor(program, ...given) {
    this.process = spawn(program, given, { stdio: ['pipe', 'pipe', 'inherit'] });
    // What is told to one that is over is lost, and whoever waits for it is told so.
    this.process.stdin.on('error', () => undefined);
    this.lines = [];
    this.waiting = [];
    this.taken = 0;
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      if (line.startsWith('taken ')) this.taken = Number(line.slice(6));
      else this.lines.push(line);
      this.waiting.splice(0).forEach((look) => look());
    });
  }

  tell(line) {
    this.process.stdin.write(`${line}\n`);
  }

  tellDescription(sdp) {
    this.tell(JSON.stringify(sdp));
  }

  /** The next line that begins so; lines before it stay. */
  async hear(prefix) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.lines.findIndex((line) => line.startsWith(prefix));
      if (at >= 0) return this.lines.splice(at, 1)[0];
      if (Date.now() > end) throw new Error(`not in time: ${prefix}; heard ${this.lines.slice(-5)}`);
      await new Promise((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, 200);
      });
    }
  }

  async hearDescription() {
    return JSON.parse(await this.hear('"'));
  }

  count(prefix) {
    return this.lines.filter((line) => line.startsWith(prefix)).length;
  }

  end() {
    this.process.kill('SIGKILL');
  }
}
