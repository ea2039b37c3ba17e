import { mount } from 'svelte';

import App from './App.svelte';
import { chooseBackend } from './lib/backend/choose';
import { preferences } from './lib/state/preferences.svelte';
import { Session } from './lib/state/session.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the app');

await preferences.begin();
const session = new Session(await chooseBackend());
mount(App, { target, props: { session } });
await session.begin();
