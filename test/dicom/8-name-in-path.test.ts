import { describe, expect, it } from 'vitest';
import { findNameInPath } from '../../src-main/dicom/name-in-path.ts';

describe('a patient’s name in a path', () => {
  it.each([
    ['/data/Garcia_Maria/IM1', 'GARCIA^MARIA'],
    ['/data/CT García 2020/IM1', 'Garcia^Maria^^Dr'],
    ['/data/muller-hans/IM1', 'Müller^Hans'],
    ['/data/x/maria_anna.dcm', 'Oz^Maria^Anna'],
    ['/data/Smith/1', 'John Smith'],
  ])('is found: %s for %s', (path, name) => {
    expect(findNameInPath(path, name)).toBeGreaterThanOrEqual('/data/'.length);
  });

  it.each([
    ['/data/garciamaria/IM1', 'GARCIA^MARIA', 'it is part of a longer word'],
    ['/data/A001/IM1', 'Phantom^A001', 'a name with digits is a pseudonym'],
    ['/data/patient/anonymous/1', 'Anonymous^Patient', 'those words name nobody'],
    ['/data/maria/1', 'Oz^Maria', 'a given name alone is many people’s'],
    ['/data/li/1', 'Li^Wei', 'two letters are no sign'],
    ['/data/chest/1', '', 'there is none'],
  ])('is not seen in %s for “%s”: %s', (path, name) => {
    expect(findNameInPath(path, name)).toBe(-1);
  });

  it('is placed, so that a folder above the source does not count', () => {
    const path = '/home/garcia/scans/a.dcm';
    expect(findNameInPath(path, 'Garcia^Maria')).toBe(path.indexOf('garcia'));
    expect(findNameInPath('/home/garcia/scans/garcia/a', 'Garcia^Maria')).toBe(19);
  });
});
