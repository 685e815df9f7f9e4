import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packages = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
const { FuseV1Options } = packages('@electron/fuses') as { FuseV1Options: Record<string, number> };
const { FUSES, binaryOf } = packages(`${root}build/fuses.cjs`) as {
  FUSES: Record<number, boolean>;
  binaryOf: (context: object) => string;
};
const configuration = readFileSync(`${root}build/electron-builder.yml`, 'utf8');

describe('a package', () => {
  it('has every fuse set so that the binary is this application and nothing else', () => {
    const set = Object.fromEntries(Object.entries(FuseV1Options).map(([name, at]) => [name, FUSES[at]]));
    expect(set).toMatchObject({
      RunAsNode: false,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableCookieEncryption: true,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      GrantFileProtocolExtraPrivileges: false,
    });
  });

  it.each([
    ['linux', '/out/graft'],
    ['win32', '/out/Graft.exe'],
    ['darwin', '/out/Graft.app/Contents/MacOS/Graft'],
  ])('finds the binary on %s', (electronPlatformName, expected) => {
    const packager = { appInfo: { productFilename: 'Graft' }, executableName: 'graft' };
    expect(binaryOf({ appOutDir: '/out', electronPlatformName, packager }).replaceAll('\\', '/')).toBe(
      expected,
    );
  });

  it('starts what is built, unpacks what other code opens, and sets the fuses', () => {
    expect(configuration).toContain('main: out/main/shell/electron/main.js');
    expect(configuration).toContain('afterPack: build/fuses.cjs');
    for (const unpacked of ['resources/**', 'onnxruntime-node/bin', '@cornerstonejs', '.node']) {
      expect(configuration.slice(configuration.indexOf('asarUnpack'))).toContain(unpacked);
    }
  });

  it('has no way to open the host', () => {
    expect(configuration).not.toContain('src-main');
    expect(readFileSync(`${root}electron.vite.config.ts`, 'utf8')).not.toContain('shell/host');
  });
});
