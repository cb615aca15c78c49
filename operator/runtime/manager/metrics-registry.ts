/**
 * prom-client's registry, with a place for series by object. There are as many of these as there are objects, so they are most of a scrape: prom-client
 * writes it in one turn of the event loop and with a dozen short-lived values a line, which held everything up for half a second with 18,000 of them
 * (`make bench N=5000`). Here what names a series is written once, and a scrape gives way between slices.
 */
import { Registry } from 'prom-client';
import { nextTurn } from '../../../core/next-turn.ts';
import { formatKey, type ObjectKey } from '../object/object.ts';

/** One series for each object, with the labels `namespace` and `name`. */
export interface ObjectSeries {
  set(key: ObjectKey, value: number): void;
  /** Adds to the object's value, which begins at 0. */
  add(key: ObjectKey, change: number): void;
  /** Drops the series of an object that is gone. */
  remove(key: ObjectKey): void;
}

/** How to present series by object. */
export interface ObjectSeriesOptions {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
}

interface Series {
  /** The line up to its value. */
  readonly beginning: string;
  value: number;
}

/** A few tenths of a millisecond. */
const LINES_PER_TURN = 500;

/** @see module header. */
export class MetricsRegistry extends Registry {
  readonly #families: SeriesFamily[] = [];

  /** Registers series by object; call it once for a name. */
  objectSeries(options: ObjectSeriesOptions): ObjectSeries {
    const family = new SeriesFamily(options);
    this.#families.push(family);
    return family;
  }

  override async metrics(): Promise<string> {
    const parts = [await super.metrics()];
    for (const family of this.#families) for await (const part of family.text()) parts.push(part);
    return parts.join('');
  }
}

class SeriesFamily implements ObjectSeries {
  readonly #options: ObjectSeriesOptions;
  readonly #series = new Map<string, Series>();

  constructor(options: ObjectSeriesOptions) {
    this.#options = options;
  }

  set(key: ObjectKey, value: number): void {
    this.#of(key).value = value;
  }

  add(key: ObjectKey, change: number): void {
    this.#of(key).value += change;
  }

  remove(key: ObjectKey): void {
    this.#series.delete(formatKey(key));
  }

  /** The family in Prometheus' text format, slice by slice. */
  async *text(): AsyncGenerator<string> {
    const { name, help, type } = this.#options;
    yield `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    // Of this moment: a series that goes and comes back meanwhile must not be there twice.
    const series = [...this.#series.values()];
    for (let start = 0; start < series.length; start += LINES_PER_TURN) {
      const lines = series.slice(start, start + LINES_PER_TURN);
      yield lines.map(({ beginning, value }) => `${beginning}${value}\n`).join('');
      await nextTurn();
    }
  }

  #of(key: ObjectKey): Series {
    const id = formatKey(key);
    const known = this.#series.get(id);
    if (known !== undefined) return known;
    // Names of objects hold nothing that the format wants escaped.
    const beginning = `${this.#options.name}{namespace="${key.namespace}",name="${key.name}"} `;
    const series = { beginning, value: 0 };
    this.#series.set(id, series);
    return series;
  }
}
