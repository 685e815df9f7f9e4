import { z } from 'zod';
import { nearest } from './nearest.ts';

/** A schema without the wrappers that say what happens when nothing is given. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  let bare = schema;
  while (
    bare instanceof z.ZodDefault ||
    bare instanceof z.ZodPrefault ||
    bare instanceof z.ZodNullable ||
    bare instanceof z.ZodOptional
  )
    bare = bare.unwrap() as z.ZodType;
  return bare;
}

/** Names in a value that its schema does not have, each as a phrase with the nearest that it has. */
export function unknownKeys(schema: z.ZodType, value: unknown, path = ''): string[] {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, at) => unknownKeys(bare.element as z.ZodType, item, `${path}[${at}]`));
  if (!(bare instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const shape = bare.shape as Record<string, z.ZodType>;
  return Object.entries(value).flatMap(([key, inside]) => {
    const place = path === '' ? key : `${path}.${key}`;
    if (key in shape) return unknownKeys(shape[key], inside, place);
    const near = nearest(key, Object.keys(shape));
    return [
      `the unknown name ${place}${near ? ` (did you mean ${near}?)` : `, where there are ${Object.keys(shape).join(', ')}`}`,
    ];
  });
}
