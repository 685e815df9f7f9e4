import type { FrameHeader, Resource } from '../../contract/resources.ts';
import type { Desk } from './desk.ts';
import { pixelAspectOf, requireInstance } from './instance-of.ts';

/** One decoded frame: see `FrameHeader`. */
export async function readFrame(desk: Desk, instanceId: number, frameIndex: number): Promise<Resource> {
  const instance = requireInstance(desk, instanceId);
  const { body, header } = await desk.pictures.run({
    kind: 'frame',
    path: instance.absolutePath,
    frameIndex,
    side: 0,
    pixelAspect: pixelAspectOf(instance),
  });
  const { RowSpacing: rowSpacing, ColumnSpacing: columnSpacing } = instance;
  const whole: FrameHeader = { instanceId, rowSpacing, columnSpacing, ...header! };
  return {
    status: 200,
    type: 'application/octet-stream',
    body,
    // Encoded, because a header holds ASCII only and an explanation may not be.
    headers: { 'x-graft-frame': encodeURIComponent(JSON.stringify(whole)) },
  };
}
