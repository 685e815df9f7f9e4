import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src-main/contract/job.ts';
import { app } from '../../src-renderer/state/app.svelte.ts';
import { keys } from '../../src-renderer/state/keys.svelte.ts';
import { route } from '../../src-renderer/state/route.svelte.ts';
import { theme } from '../../src-renderer/state/theme.svelte.ts';
import { playBridge } from './bridge.ts';

const job = (state: Job['state'], id = 1): Job => ({
  id,
  kind: 'import',
  title: 'Import',
  state,
  createdAt: '',
  startedAt: null,
  finishedAt: null,
  progress: null,
  error: state === 'failed' ? { kind: 'expected', code: 'x', message: 'It went wrong.' } : null,
  result: null,
});
const project = { id: 'p', name: 'P', folder: '/p', images: 1, patients: 1, labelled: 0, runs: 0 };

describe('what every screen knows', () => {
  let bridge: ReturnType<typeof playBridge>;
  beforeEach(async () => {
    bridge = playBridge({
      'shell.capabilities': () => ({ nativeDialogs: false }),
      'projects.current': () => project,
      'jobs.list': () => [job('done')],
    });
    await app.start();
  });
  afterEach(() => {
    for (const { id } of app.notices) app.dismiss(id);
  });

  it('is asked for at the start', () => {
    expect(app.project).toEqual(project);
    expect(app.jobs).toEqual([job('done')]);
    expect(app.ready).toBe(true);
  });

  it('follows jobs, and says once what went wrong', () => {
    bridge.tell({ kind: 'job', job: job('running', 2) });
    expect(app.runningJobs.map(({ id }) => id)).toEqual([2]);
    bridge.tell({ kind: 'job', job: job('failed', 2) });
    bridge.tell({ kind: 'job', job: job('failed', 2) });
    expect(app.runningJobs).toEqual([]);
    expect(app.notices.map(({ text }) => text)).toEqual(['It went wrong.']);
  });

  it('passes changes on to whoever shows them, until they no longer do', () => {
    const heard = vi.fn();
    const stop = app.onChange(['labels', 'images'], heard);
    bridge.tell({ kind: 'changed', what: 'labels' });
    bridge.tell({ kind: 'changed', what: 'runs' });
    stop();
    bridge.tell({ kind: 'changed', what: 'images' });
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('asks again for everything when the connection is back', () => {
    const heard = vi.fn();
    const stop = app.onChange('runs', heard);
    bridge.tell({ kind: 'connection', connected: false });
    expect(app.connected).toBe(false);
    bridge.call.mockClear();
    bridge.tell({ kind: 'connection', connected: true });
    stop();
    expect(app.connected).toBe(true);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(bridge.call).toHaveBeenCalledWith('shell.capabilities', null);
  });

  it('says nothing of what a person cancelled', () => {
    app.fail({ name: 'x' });
    expect(app.notices).toHaveLength(1);
    app.dismiss(app.notices[0].id);
    app.fail(new DOMException('', 'AbortError'));
    expect(app.notices).toHaveLength(1);
  });

  it('obeys the menu', () => {
    const before = theme.current;
    bridge.tell({ kind: 'command', command: 'theme' });
    expect(theme.current).not.toBe(before);
    bridge.tell({ kind: 'command', command: 'keys' });
    expect(keys.open).toBe(true);
    keys.open = false;
    bridge.tell({ kind: 'command', command: 'plan' });
    expect(location.hash).toBe('#/plan');
  });
});

describe('the address', () => {
  it('names the screen and what it shows', async () => {
    route.start();
    route.go('evaluate', { comparison: 3 });
    expect(location.hash).toBe('#/evaluate?comparison=3');
    window.dispatchEvent(new Event('hashchange'));
    expect([route.screen, route.parameters]).toEqual(['evaluate', { comparison: '3' }]);
  });
});

describe('the list of keys', () => {
  it('has a screen’s own keys only while it is shown', () => {
    const remove = keys.add('Label', [{ keys: '1', does: 'label' }]);
    expect(keys.groups.map(({ title }) => title)).toEqual(['Label', 'Everywhere']);
    remove();
    expect(keys.groups.map(({ title }) => title)).toEqual(['Everywhere']);
  });
});
