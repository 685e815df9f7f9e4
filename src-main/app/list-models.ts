import type { AddedModel } from '../contract/calls/models.ts';
import type { ExportedModel } from '../contract/run.ts';
import type { UnfinishedPretraining } from '../contract/self-supervision.ts';
import { addedModels } from './added-models.ts';
import { unfinishedPretrainings } from './pretraining-records.ts';
import { backboneStages, modelCards, modelFigures, shippedWeights } from '../models/index.ts';
import { isProject, openProjectForReading } from '../store/index.ts';
import { listExportedModels } from '../store/models.ts';

/** A model to start from. */
export interface LibraryModel {
  name: string;
  title: string;
  /** Side of the square images that it was made for. */
  inputSize: number;
  parameters: number;
  multiplyAdds: number;
  /** Whether pre-trained weights come with this copy of Graft. */
  pretrained: boolean;
  sourceTask: string | null;
  licence: string;
  /** From the input to the head: what `freezeUntil` can name. */
  stages: string[];
}

export interface ModelList {
  library: LibraryModel[];
  /** Weights that were added to the project, and models exported from it; empty without a project. */
  added: AddedModel[];
  exported: ExportedModel[];
  /** Pre-trainings without labels that were stopped, or are going on. */
  unfinished: UnfinishedPretraining[];
}

/** The models to start from, and those that a project's runs were exported to. */
export function listModels(folder: string | null): ModelList {
  return {
    library: modelCards().map((card) => {
      const { name, title, inputSize, channels, sourceTask, licence } = card;
      const stages = backboneStages(card.architecture([inputSize, inputSize, channels], 2));
      const pretrained = shippedWeights(card) !== null;
      return { name, title, inputSize, ...modelFigures(card), pretrained, sourceTask, licence, stages };
    }),
    ...(folder !== null && isProject(folder)
      ? ofProject(folder)
      : { added: [], exported: [], unfinished: [] }),
  };
}

function ofProject(folder: string): Pick<ModelList, 'added' | 'exported' | 'unfinished'> {
  const project = openProjectForReading(folder);
  try {
    return {
      added: addedModels(project),
      exported: listExportedModels(project.db),
      unfinished: unfinishedPretrainings(project),
    };
  } finally {
    project.close();
  }
}
