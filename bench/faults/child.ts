/** Cells of the matrix in a process of their own, which plays all parts. */
import { answer } from '../frame/child.ts';
import { CELLS } from './cells.ts';
import { runCell, type CellResult, type Timings } from './run.ts';

export interface FaultsQuestion {
  /** Places in `CELLS`; all run at once. */
  cells: number[];
  timings: Timings;
}

answer(({ cells, timings }: FaultsQuestion): Promise<CellResult[]> => {
  return Promise.all(cells.map((at) => runCell(CELLS[at]!, timings)));
});
