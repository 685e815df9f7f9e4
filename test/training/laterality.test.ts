import { describe, expect, it } from 'vitest';
import type { AugmentationChoice, ImageKind } from '../../src-main/contract/augmentation-choice.ts';
import { augmentationSchema } from '../../src-main/contract/augmentation.ts';
import {
  chooseAugmentation,
  explainAugmentation,
  warnOfAugmentation,
} from '../../src-main/training/index.ts';
import { sideNames, sidesOf } from '../../src-main/training/laterality.ts';

const kind = (Modality: string | null, own: Partial<ImageKind> = {}): ImageKind => ({
  Modality,
  BodyPartExamined: null,
  ViewPosition: null,
  Laterality: null,
  images: 100,
  ...own,
});
const choose = (settings: object, kinds: ImageKind[], classes = ['normal', 'tumour']): AugmentationChoice =>
  chooseAugmentation(augmentationSchema.parse(settings), { kinds, classes });

describe('automatic augmentation', () => {
  it.each([
    ['ct', kind('CT')],
    ['mr', kind('MR')],
    ['x-ray', kind('CR', { BodyPartExamined: 'CHEST' })],
    ['x-ray', kind('DX')],
    ['mammography', kind('MG')],
    ['mammography', kind('DX', { BodyPartExamined: 'BREAST' })],
    ['mammography', kind('CR', { ViewPosition: 'MLO' })],
    ['ultrasound', kind('US')],
    ['photo', kind('XC')],
    ['photo', kind('SM')],
    ['photo', kind('OT', { BodyPartExamined: 'SKIN' })],
    ['custom', kind('PT')],
    ['custom', kind(null)],
  ])('is %s for its images', (preset, of) => {
    expect(choose({ preset: 'auto' }, [of]).preset).toBe(preset);
  });

  it('goes by nine tenths of the images, else by what suits all', () => {
    expect(choose({ preset: 'auto' }, [kind('MR', { images: 95 }), kind('OT', { images: 5 })]).preset).toBe(
      'mr',
    );
    const mixed = choose({ preset: 'auto' }, [kind('MR', { images: 60 }), kind('CT', { images: 40 })]);
    expect(mixed.preset).toBe('custom');
    expect(mixed.reason).toContain('MR 60 %, CT 40 %');
    expect(choose({ preset: 'auto' }, []).preset).toBe('custom');
  });

  it('leaves what the plan writes, and any other preset, as they are', () => {
    const { config } = choose({ preset: 'auto', rotate: 2 }, [kind('MR')]);
    expect([config.rotate, config.biasField]).toEqual([2, 0.5]);
    expect(choose({ preset: 'ct' }, [kind('MR')]).preset).toBe('ct');
    expect(choose({}, [kind('MR')]).config.biasField).toBe(0);
  });
});

describe('whether sides matter', () => {
  it.each([
    [['knee left', 'knee right']],
    [['Niere links', 'Niere rechts']],
    [['rechtsseitig', 'beidseitig']],
    [['poumon gauche', 'poumon droit']],
    [['lesión izquierda', 'lesión derecha']],
    [['hip_L', 'hip_R']],
    [['fundusOD', 'fundusOS']],
    [['normal', 'dextrocardia']],
  ])('is told by class names %j', (classes) => {
    expect(sideNames(classes).length).toBeGreaterThan(0);
    expect(sidesOf([kind('SM')], classes).sides).toBe('matter');
  });

  it.each([[['grade L', 'grade M']], [['destroyed', 'intact']], [['glioma', 'meningioma']]])(
    'is not read into class names %j',
    (classes) => expect(sideNames(classes)).toEqual([]),
  );

  it.each([
    ['chest', kind('CR', { BodyPartExamined: 'CHEST' })],
    ['knee', kind('MR', { BodyPartExamined: 'KNEE' })],
    ['side that they show', kind('DX', { BodyPartExamined: 'SKULL', Laterality: 'L' })],
    ['breast', kind('MG')],
    ['eye', kind('OP')],
  ])('is told by headers: %s', (reason, of) => {
    const { sides, sideReasons } = sidesOf([of], ['a', 'b']);
    expect(sides).toBe('matter');
    expect(sideReasons.join()).toContain(reason);
  });

  it('is known not to be for tissue and skin, and open for a brain', () => {
    expect(sidesOf([kind('SM', { BodyPartExamined: 'BREAST' })], ['a', 'b']).sides).toBe('free');
    expect(sidesOf([kind('XC', { BodyPartExamined: 'SKIN' })], ['a', 'b']).sides).toBe('free');
    expect(sidesOf([kind('MR', { BodyPartExamined: 'BRAIN' })], ['a', 'b']).sides).toBe('unclear');
    expect(sidesOf([], ['a', 'b']).sides).toBe('unclear');
  });
});

describe('flips', () => {
  it('come with photographs of skin, and stay out where sides matter', () => {
    expect(choose({ preset: 'auto' }, [kind('XC')]).config.flipHorizontal).toBe(true);
    expect(choose({ preset: 'auto' }, [kind('XC', { Laterality: 'L' })]).config.flipHorizontal).toBe(false);
    expect(choose({ preset: 'photo' }, [kind('XC')], ['left', 'right']).config.flipVertical).toBe(false);
    expect(
      choose({ preset: 'auto' }, [kind('MR', { BodyPartExamined: 'BRAIN' })]).config.flipHorizontal,
    ).toBe(false);
  });

  it('are warned of, with the reason, in the plan and in its explanation, when asked for where sides matter', () => {
    const asked = choose({ preset: 'auto', flipHorizontal: true }, [
      kind('CR', { BodyPartExamined: 'CHEST' }),
    ]);
    expect(asked.config.flipHorizontal).toBe(true);
    const [warning] = warnOfAugmentation(asked, null);
    expect(warning.tone).toBe('unwise');
    expect(warning.text).toContain('sides matter: organs of the chest have a side');
    expect(explainAugmentation(asked).join(' ')).toContain('makes left of right, and here sides matter');
  });

  it('are not warned of where sides mean nothing', () => {
    const safe = choose({ preset: 'auto' }, [kind('SM')]);
    expect(warnOfAugmentation(safe, null)).toEqual([]);
    expect(explainAugmentation(safe).join(' ')).toContain('mirrored left to right');
  });
});

describe('an explanation of augmentation', () => {
  it('says what happens, how often, and why', () => {
    const said = explainAugmentation(choose({ preset: 'auto' }, [kind('MR')])).join(' ');
    expect(said).toContain('turned by up to 15°');
    expect(said).toContain('In 30 % of the versions each: elastic deformation');
    expect(said).toContain('All of the training images are of the kind mr (MR).');
    expect(explainAugmentation(choose({ preset: 'none' }, [kind('MR')]))[0]).toContain('shown as they are');
  });

  it('says when a change is of another kind of scanner', () => {
    const [warning] = warnOfAugmentation(choose({ preset: 'mr' }, [kind('CT')]), null);
    expect(warning.text).toContain(
      'the shading of MR coils and the Rician noise of MR, which images of the kind ct',
    );
  });
});
