import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameHeader } from '../../src-main/contract/resources.ts';
import { decodeFrame, modalityValues } from '../../src-main/dicom/index.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('pictures for the page', () => {
  let sample: SampleProject;
  let desk: TestDesk;
  let ids: number[];
  beforeAll(async () => {
    sample = await sampleProject();
    desk = testDesk();
    await desk.ask('projects.open', { folder: sample.project });
    const { rows } = await desk.ask('data.browse', { groupBy: 'TransferSyntaxUID' });
    ids = rows.map(({ instanceId }) => instanceId);
  }, 60_000);
  afterAll(async () => {
    await desk.desk.close();
    sample.remove();
  });

  it('are the stored values with what makes them Hounsfield units, in every transfer syntax', async () => {
    expect(ids.length).toBeGreaterThan(2);
    for (const id of ids) {
      const { status, body, headers } = await desk.desk.resource(`/frames/${id}/0`);
      expect(status).toBe(200);
      const header = JSON.parse(decodeURIComponent(headers!['x-graft-frame'])) as FrameHeader;
      const { source, path } = await desk.ask('data.image', { instanceId: id });
      const decoded = await decodeFrame(join(sample.folder, 'data', source, path), 0);
      const views = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };
      const values = new views[header.type](body.slice().buffer);
      const units = Array.from(values, (value) => Math.fround(header.slope * value + header.intercept));
      expect(units).toEqual([...modalityValues(decoded)]);
      expect(header).toMatchObject({
        rows: decoded.rows,
        columns: decoded.columns,
        instanceId: id,
        frameIndex: 0,
      });
      const sorted = [...values].sort((a, b) => a - b);
      expect([header.smallest, header.largest]).toEqual([sorted[0], sorted.at(-1)]);
    }
  });

  it('are small as thumbnails, and made once', async () => {
    const first = await desk.desk.resource(`/thumbnails/${ids[0]}/0`);
    expect(first).toMatchObject({ status: 200, type: 'image/png' });
    const view = new DataView(first.body.buffer, first.body.byteOffset);
    expect(Math.max(view.getUint32(16), view.getUint32(20))).toBe(160);
    const start = performance.now();
    const again = await desk.desk.resource(`/thumbnails/${ids[0]}/0`);
    expect(again.body).toEqual(first.body);
    expect(performance.now() - start).toBeLessThan(100);
  });

  it.each([
    '/frames/999999/0',
    '/frames/1/99',
    '/frames/x/0',
    '/files/reports/..%2f..%2fgraft.sqlite',
    '/etc/passwd',
  ])('are refused in a sentence at %s', async (path) => {
    const { status, body } = await desk.desk.resource(path);
    expect(status).toBe(422);
    expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({
      code: expect.any(String),
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  it('that were damaged since are refused, and the next one is not', async () => {
    const { source, path } = await desk.ask('data.image', { instanceId: ids[1] });
    writeFileSync(join(sample.folder, 'data', source, path), 'no picture any more');
    expect((await desk.desk.resource(`/frames/${ids[1]}/0`)).status).toBe(422);
    expect((await desk.desk.resource(`/frames/${ids[0]}/0`)).status).toBe(200);
  });
});
