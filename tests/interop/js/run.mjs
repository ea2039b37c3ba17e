// Our connections against other stacks: odd cases, and bulk in both directions beside what the other stack does with itself.
// The folder of our programs is the first argument, the seconds of each flow the second, a part of a stack's name the third.
import { alone, flow } from './flows.mjs';
import { odd } from './odd.mjs';
import { openChromium, openLibwebrtc } from './others.mjs';

const GOAL_MB_PER_S = 80;
/** Of the median second; a flow that collapses falls far below it for good. */
const COLLAPSED = 0.1;

const [folder, seconds = '2', part = ''] = process.argv.slice(2);
const [program, oddProgram] = [`${folder}/interop`, `${folder}/examples/odd`];
const problems = [];
for (const [name, open] of [['libwebrtc', openLibwebrtc], ['Chromium', openChromium]]) {
  if (!name.toLowerCase().includes(part.toLowerCase())) continue;
  const other = await open();
  for (const weOffer of [true, false]) problems.push(...(await odd(oddProgram, other, weOffer)));
  await flows(other);
  await other.close();
}
problems.forEach((it) => console.log(it));
console.log(problems.length === 0 ? 'interop: nothing found' : `interop: ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

async function flows(other) {
  const itself = mean(await alone(other, Math.min(5, Number(seconds))));
  console.log(`${other.name} with itself: ${itself.toFixed(1)} MB/s`);
  for (const [weSend, weOffer] of [[true, true], [true, false], [false, true], [false, false]]) {
    const way = weSend ? `from us to ${other.name}` : `from ${other.name} to us`;
    const label = `${way}, ${weOffer ? 'our' : 'their'} offer`;
    try {
      const rates = await flow(program, other, { weSend, weOffer, seconds: Number(seconds) });
      const goal = Math.min(GOAL_MB_PER_S, itself);
      const verdict = mean(rates) >= goal ? 'held' : 'MISSED';
      console.log(
        `${label}, ${seconds} s: ${mean(rates).toFixed(1)} MB/s, least second ${Math.min(...rates).toFixed(1)}; at least ${goal.toFixed(1)}: ${verdict}`,
      );
      const collapsed = rates.slice(1).filter((rate) => rate < COLLAPSED * median(rates));
      if (mean(rates) === 0) problems.push(`${label}: nothing arrived`);
      if (Number(seconds) >= 30 && collapsed.length > 0) problems.push(`${label}: ${collapsed.length} seconds without speed`);
    } catch (error) {
      problems.push(`${label}: ${error.message}`);
    }
  }
}

function mean(rates) {
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

function median(rates) {
  return [...rates].sort((one, other) => one - other)[Math.floor(rates.length / 2)];
}
