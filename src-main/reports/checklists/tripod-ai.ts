import * as answers from './answers.ts';
import * as crossValidated from './cross-validated.ts';
import { answered, ask, type Checklist, type ChecklistItem, partly } from './checklist.ts';

const item = (
  number: string,
  part: string,
  asks: string,
  answer: ChecklistItem['answer'],
): ChecklistItem => ({ number, part, asks, answer });

/** TRIPOD+AI: 27 items, 52 with their parts, for reports of clinical prediction models. */
export const TRIPOD_AI: Checklist = {
  id: 'tripod-ai',
  name: 'TRIPOD+AI',
  source:
    'TRIPOD+AI statement: Collins et al., BMJ 2024; 385: e078378, doi 10.1136/bmj-2023-078378. Items in our words; the original is authoritative.',
  items: [
    item('1', 'Title', 'Says that a model is developed or evaluated, for whom, and what it predicts', ({ title }) => partly('summary', `“${title}”. Author: the paper’s title.`)), // prettier-ignore
    item('2', 'Abstract', 'As TRIPOD+AI for abstracts asks', ask('The abstract.')),
    item(
      '3a',
      'Background',
      'Healthcare context, rationale, models that exist',
      ask('Context, rationale, existing models.'),
    ),
    item('3b', 'Background', 'Target population, purpose in the care pathway, users', () => partly('intended-use', 'Research use by clinician-researchers is stated. Author: population and pathway.')), // prettier-ignore
    item('3c', 'Background', 'Known health inequalities', ask('Known inequalities between groups.')),
    item('4', 'Objectives', 'Objectives: development, evaluation, or both', ({ results }) => partly('summary', results.length > 0 ? 'Development and evaluation on held-out patients. Author: objectives.' : 'Development. Author: objectives.')), // prettier-ignore
    item('5a', 'Data', 'Sources, for development and evaluation apart', answers.sources),
    item('5b', 'Data', 'Dates of collection', answers.dates),
    item('6a', 'Participants', 'Setting, number and place of centres', answers.sources),
    item('6b', 'Participants', 'Eligibility', answers.eligibility),
    item(
      '6c',
      'Participants',
      'Treatments received',
      ask('Treatments before imaging, and how they were dealt with.'),
    ),
    item(
      '7',
      'Data preparation',
      'Preprocessing and quality checks, alike across groups',
      answers.preprocessing,
    ),
    item('8a', 'Outcome', 'What is predicted, how and when it was assessed', ({ split }) => partly('data', `${split.classes.join(', ')}. Author: definition, and how it was assessed.`)), // prettier-ignore
    item(
      '8b',
      'Outcome',
      'Who assessed it, where that takes judgement',
      ask('Qualifications of those who labelled.'),
    ),
    item('8c', 'Outcome', 'Blinding of the assessment', ask('Whether labels were given blind to predictions and other data.')), // prettier-ignore
    item('9a', 'Predictors', 'Choice of predictors before modelling', () => answered('data', 'Pixels of the image alone; no clinical variable goes in.')), // prettier-ignore
    item('9b', 'Predictors', 'Definition of predictors, how and when measured', answers.acquisition),
    item('9c', 'Predictors', 'Who assessed predictors, where that takes judgement', () => answered('data', 'Nobody: pixels go in as they are stored.')), // prettier-ignore
    item('10', 'Sample size', 'How it was arrived at', answers.sampleSize),
    item('11', 'Missing data', 'How missing data were handled', answers.missing),
    item('12a', 'Analysis', 'How data were used and partitioned', crossValidated.dealt(answers.partitions)),
    item('12b', 'Analysis', 'How predictors were handled', answers.preprocessing),
    item(
      '12c',
      'Analysis',
      'Type of model, building steps, tuning, internal validation',
      crossValidated.tuned(answers.training),
    ),
    item('12d', 'Analysis', 'Heterogeneity between clusters', answers.clusters),
    item('12e', 'Analysis', 'Measures and plots: discrimination, calibration, utility', answers.metrics),
    item('12f', 'Analysis', 'Updating of the model', answers.updating),
    item('12g', 'Analysis', 'How predictions were calculated', ({ exported }) => answered('reproducibility', `By the trained network, each image alone${exported ? '; the exported file gives the same to the stated difference' : ''}.`)), // prettier-ignore
    item('13', 'Class imbalance', 'Why and how it was dealt with', answers.imbalance),
    item('14', 'Fairness', 'How fairness was addressed', answers.fairness),
    item('15', 'Model output', 'What comes out, and how thresholds were chosen', answers.decision),
    item('16', 'Training against evaluation', 'How the sets differ', answers.characteristics),
    item('17', 'Ethics', 'Approval and consent', ask('Committee, number, consent or waiver.')),
    item('18a', 'Open science', 'Funding', ask('Funding and the role of funders.')),
    item('18b', 'Open science', 'Conflicts of interest', ask('Conflicts of interest.')),
    item('18c', 'Open science', 'Protocol', ask('Where the protocol is, or that there is none.')),
    item('18d', 'Open science', 'Registration', ask('Register and number, or that there is none.')),
    item('18e', 'Open science', 'Data sharing', ask('Whether and how data can be had.')),
    item('18f', 'Open science', 'Code sharing', answers.availability),
    item(
      '19',
      'Patients and public',
      'Their involvement',
      ask('Involvement of patients and the public, or that there was none.'),
    ),
    item('20a', 'Participants', 'Flow of participants', answers.flow),
    item('20b', 'Participants', 'Characteristics, overall and by source', answers.characteristics),
    item('20c', 'Participants', 'Development and evaluation data compared', answers.characteristics),
    item('21', 'Model development', 'Participants and outcomes in each analysis', answers.partitions),
    item('22', 'Model specification', 'The full model, so that others can use it', answers.availability),
    item(
      '23a',
      'Performance',
      'Estimates with intervals, also of key subgroups',
      crossValidated.internally(answers.performance),
    ),
    item('23b', 'Performance', 'Heterogeneity between clusters', answers.clusters),
    item('24', 'Model updating', 'Results of updating', answers.updating),
    item('25', 'Interpretation', 'What the results mean, fairness included', () => partly('summary', 'The summary says what intervals show. Author: interpretation.')), // prettier-ignore
    item('26', 'Limitations', 'Limitations', answers.limitations),
    item(
      '27a',
      'Usability',
      'Input of poor quality, or missing',
      ask('What is to be done with poor or missing images in use.'),
    ),
    item(
      '27b',
      'Usability',
      'What users have to do, with which expertise',
      ask('What users do, and what they have to know.'),
    ),
    item('27c', 'Usability', 'Next steps, applicability elsewhere', answers.external),
  ],
};
