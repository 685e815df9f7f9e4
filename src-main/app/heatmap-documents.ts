import { TensorCacheReader } from '../cohort/index.ts';
import type { Explanation, ExplanationMethod } from '../contract/explanation.ts';
import type { Prediction, Run } from '../contract/run.ts';
import { derivedUid, type SourceInstance, writeSecondaryCapture } from '../dicom/index.ts';
import { sha256 } from '../platform/files.ts';
import { getAttributes, getInstances, type Project } from '../store/index.ts';
import { pixelAspectOf } from './desk/instance-of.ts';
import { graftVersion } from './environment.ts';
import { type AskedImage, explainImages } from './explain/explain-images.ts';
import { samplesOf, splitOfRun } from './explain/explainable.ts';
import { explanationPixels } from './explain/explanation-picture.ts';
import type { Reporting } from './reporting.ts';
import type { Session } from './session.ts';
import { prepare } from './train-model.ts';

/** Maps of images, each drawn when it is asked for. */
export interface HeatmapDocuments {
  /**
   * The Secondary Capture of an image; null where it was not among those that were explained, and where it would show text that is burned
   * into the image in a document that is to say nothing of who the patient is.
   */
  of(
    prediction: Pick<Prediction, 'instanceId' | 'frameIndex'>,
    source: SourceInstance,
    createdAt: string,
    instanceNumber: number,
  ): Promise<Uint8Array> | null;
  close(): void;
}

const TITLES: Record<ExplanationMethod, string> = {
  gradcam: 'Grad-CAM',
  'gradcam++': 'Grad-CAM++',
  occlusion: 'Occlusion',
};
/** Behind the reports of the same export. */
const SERIES_NUMBER = 9002;

/**
 * Explains what a run said of images, for documents beside its reports: the image as the network was shown it, and over it what spoke for
 * the answer.
 *
 * @throws GraftError as `explainImages`
 */
export async function heatmapDocuments(
  session: Session,
  run: Run,
  predictions: readonly Prediction[],
  method: ExplanationMethod,
  reporting: Reporting,
): Promise<HeatmapDocuments> {
  const { project } = session;
  const asked = predictions.flatMap(({ instanceId, frameIndex }): AskedImage[] =>
    instanceId === null ? [] : [{ instanceId, frameIndex, classIndex: null }],
  );
  const dataset = await prepare(session, splitOfRun(project.db, run), run.preprocessing, reporting);
  const how = { method, layer: null, patch: null, stride: null };
  const explanations = await explainImages(session, run, asked, how, reporting);
  const samples = samplesOf(project.db, run, dataset, asked);
  const placeOf = new Map(asked.map(({ instanceId, frameIndex }, at) => [`${instanceId}/${frameIndex}`, at]));
  const reader = TensorCacheReader.open(dataset.cachePath);
  return {
    of: ({ instanceId, frameIndex }, source, createdAt, instanceNumber) => {
      const at = placeOf.get(`${instanceId}/${frameIndex}`);
      if (at === undefined) return null;
      if (source.subject.deidentification !== undefined && saysBurnedIn(project, instanceId!)) return null;
      const prepared = new Float32Array(reader.sampleLength);
      reader.read([samples[at].cacheIndex], prepared);
      return documentOf(session, run, explanations[at], prepared, source, createdAt, instanceNumber);
    },
    close: () => reader.close(),
  };
}

function documentOf(
  { project }: Session,
  run: Run,
  explanation: Explanation,
  prepared: Float32Array,
  { subject, reference }: SourceInstance,
  createdAt: string,
  InstanceNumber: number,
): Promise<Uint8Array> {
  const { instanceId, heatmap, method, classes, classIndex, probabilities } = explanation;
  const [instance] = getInstances(project.db, [instanceId]);
  const { Rows: rows, Columns: columns } = getAttributes(project.db, instanceId)!;
  const burnedIn = saysBurnedIn(project, instanceId);
  const image = { rows, columns, pixelAspect: pixelAspectOf(instance) };
  const picture = explanationPixels(prepared, heatmap, image, run.preprocessing);
  const { SOPInstanceUID, StudyInstanceUID } = reference;
  const id = [project.id, String(run.id), method, StudyInstanceUID];
  return writeSecondaryCapture({
    subject,
    source: { version: graftVersion(), model: run.config.modelName },
    SOPInstanceUID: derivedUid(
      'map',
      ...id,
      SOPInstanceUID,
      String(reference.frame ?? 1),
      sha256(picture.rgb),
    ),
    SeriesInstanceUID: derivedUid('map series', ...id, subject.PatientID),
    SeriesNumber: SERIES_NUMBER,
    InstanceNumber,
    createdAt,
    picture,
    reference,
    SeriesDescription: `Graft: ${TITLES[method]} of ${run.config.modelName}`,
    description: `${TITLES[method]}: what speaks for ${classes[classIndex]} (probability ${probabilities[classIndex].toFixed(3)}) in this image, for run ${run.id} (${run.approach}); left the image as the network was shown it. It does not show that the answer is right.`,
    ...(burnedIn === null ? {} : { burnedIn }),
  });
}

/** What an image's header says of text burned into it; null: nothing. */
function saysBurnedIn({ db }: Project, instanceId: number): boolean | null {
  const said = getAttributes(db, instanceId)!.BurnedInAnnotation;
  return said === 'YES' ? true : said === 'NO' ? false : null;
}
