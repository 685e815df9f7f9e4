import * as answers from './answers.ts';
import * as crossValidated from './cross-validated.ts';
import { answered, ask, type Checklist, type ChecklistItem, partly } from './checklist.ts';

const item = (
  number: number,
  part: string,
  asks: string,
  answer: ChecklistItem['answer'],
): ChecklistItem => ({ number: String(number), part, asks, answer });

/** CLAIM, update of 2024: 44 items for reports of artificial intelligence in medical imaging. */
export const CLAIM_2024: Checklist = {
  id: 'claim-2024',
  name: 'CLAIM 2024',
  source:
    'Checklist for Artificial Intelligence in Medical Imaging, 2024 update: Tejani et al., Radiology: Artificial Intelligence 2024; 6(4): e240300, doi 10.1148/ryai.240300. Items in our words; the original is authoritative.',
  items: [
    item(1, 'Title and abstract', 'Title says that it is artificial intelligence, and of which kind', ({ title }) => partly('summary', `“${title}”: transfer learning of a deep network. Author: the paper’s title.`)), // prettier-ignore
    item(2, 'Title and abstract', 'Abstract: design, methods, results, conclusions', ({ results }) => results.length > 0 ? partly('summary', 'The summary states the result in sentences. Author: the structured abstract.') : ask('The abstract.')()), // prettier-ignore
    item(3, 'Introduction', 'Background; what the model is to be used for, and its role', () => partly('intended-use', 'Research use is stated. Author: clinical background and role.')), // prettier-ignore
    item(4, 'Introduction', 'Aims and hypotheses', ask('Aims and hypotheses.')),
    item(5, 'Study design', 'Prospective or retrospective', ask('Whether data were collected before or after the question was asked.')), // prettier-ignore
    item(6, 'Study design', 'Goal of the study (feasibility, development, testing …)', () => partly('summary', 'Development by transfer learning, compared with three baselines on held-out patients. Author: the goal in the study’s words.')), // prettier-ignore
    item(7, 'Data', 'Where data come from', answers.sources),
    item(8, 'Data', 'Who and what was included and excluded', answers.eligibility),
    item(9, 'Data', 'Preprocessing of images', answers.preprocessing),
    item(10, 'Data', 'Selection of parts of the data (series, slices, patches)', ({ preprocessing, split }) => partly('data', `${preprocessing.frames === 'all' ? 'Each frame is an image of its own' : 'Of files with several frames the middle one'}${split.options.filter ? '; images by a filter that is recorded' : ''}. Author: how series were chosen before import.`)), // prettier-ignore
    item(11, 'Data', 'De-identification', answers.deidentified),
    item(12, 'Data', 'Missing data', answers.missing),
    item(13, 'Data', 'How images were acquired', answers.acquisition),
    item(14, 'Reference standard', 'How the reference standard was obtained', ({ split }) => partly('data', `Labels (${split.classes.join(', ')}) as given in a table, in folders, or by readers in Graft. Author: what they rest on.`)), // prettier-ignore
    item(
      15,
      'Reference standard',
      'Why this reference standard',
      ask('Why this reference standard was chosen.'),
    ),
    item(
      16,
      'Reference standard',
      'Who annotated, with which training',
      ask('Who labelled, and their experience.'),
    ),
    item(17, 'Reference standard', 'How the test set was annotated', ask('Whether the test set was labelled in another way than the training set.')), // prettier-ignore
    item(18, 'Reference standard', 'Agreement between and within readers', ask('Agreement between readers; Graft computes it where several have labelled.')), // prettier-ignore
    item(19, 'Partitions', 'How data were dealt to sets', crossValidated.dealt(answers.partitions)),
    item(20, 'Partitions', 'At which level sets are disjoint', answers.disjoint),
    item(21, 'Testing data', 'Intended sample size', answers.sampleSize),
    item(22, 'Model', 'The model in detail', answers.modelDescription),
    item(23, 'Model', 'Software and versions', answers.software),
    item(24, 'Model', 'How weights were initialised', answers.initialisation),
    item(
      25,
      'Training',
      'Training in detail: augmentation, hyperparameters, number of models',
      answers.training,
    ),
    item(26, 'Training', 'How the final model was chosen', crossValidated.tuned(answers.selection)),
    item(27, 'Training', 'Ensembles', answers.ensemble),
    item(28, 'Evaluation', 'Metrics', answers.metrics),
    item(29, 'Evaluation', 'Significance and uncertainty', crossValidated.unsure(answers.uncertainty)),
    item(30, 'Evaluation', 'Robustness and sensitivity', answers.robustness),
    item(31, 'Evaluation', 'Explainability', answers.explained),
    item(32, 'Evaluation', 'Evaluation on internal data', crossValidated.internally(answers.internal)),
    item(33, 'Evaluation', 'Testing on external data', answers.external),
    item(
      34,
      'Evaluation',
      'Registration of a clinical trial',
      ask('Registry and number, where it is a trial.'),
    ),
    item(35, 'Results: data', 'Numbers included and excluded, as a diagram', answers.flow),
    item(
      36,
      'Results: data',
      'Demographic and clinical characteristics of each set',
      answers.characteristics,
    ),
    item(37, 'Results: model', 'Performance with its uncertainty, on every set', answers.performance),
    item(38, 'Results: model', 'Diagnostic performance and its precision', answers.decision),
    item(39, 'Results: model', 'Analysis of failures', answers.failures),
    item(40, 'Discussion', 'Limitations', answers.limitations),
    item(41, 'Discussion', 'Implications for practice, intended use', () => partly('intended-use', 'For research only. Author: implications.')), // prettier-ignore
    item(42, 'Other', 'Full protocol, further technical details', () => answered('reproducibility', 'Every setting, seed, version and hash is in this report; the JSON file holds them as data. Author: a protocol, if there is one.')), // prettier-ignore
    item(43, 'Other', 'Availability of software, model and data', answers.availability),
    item(44, 'Other', 'Funding and its role', ask('Funding, other support, and the role of funders.')),
  ],
};
