import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { DeskApp } from '../../app/index.ts';
import type { Answer } from '../../contract/call.ts';
import { isOwn } from './page-protocol.ts';

export const CALL = 'graft:call';
export const EVENT = 'graft:event';

const request = z.tuple([z.string().max(100), z.unknown()]);

const refused = (message: string): Answer => ({
  ok: false,
  error: { kind: 'bug', code: 'call-refused', message },
});

/**
 * The one way from the page into this process. Who asks must be the main frame of this page, and what is asked must be a
 * name with an input; the contract's own schema checks the rest.
 */
export function answerCalls(desk: Pick<DeskApp, 'call'>): void {
  ipcMain.handle(CALL, async (event, ...given: unknown[]): Promise<Answer> => {
    if (!isPage(event)) return refused('Expected a call of this page, found one of another frame.');
    const parsed = request.safeParse(given);
    if (!parsed.success) return refused('Expected a name and an input.');
    return desk.call(...parsed.data);
  });
}

function isPage({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOwn(senderFrame.url);
}
