/** Every connection, as the hub last told it, and the tests under way. */

import type {
  ConnectionId,
  ConnectionView,
  Error as HubError,
  IntegrationId,
  StepResult,
  TestProgress,
  TestStep,
} from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";
import { asHubError } from "../api/transport.ts";
import { answered } from "./answered.ts";

export const TEST_STEPS: readonly TestStep[] = ["vault", "token", "service"];

export interface TestRun {
  running: boolean;
  /** A step missing here has not begun. */
  steps: Partial<Record<TestStep, "running" | "ok" | "failed">>;
  results: StepResult[];
  error: HubError | null;
}

export class Connections {
  all = $state<ConnectionView[]>([]);
  tests = $state<Record<ConnectionId, TestRun>>({});
  readonly #hub: Hub;
  readonly #testing: Record<ConnectionId, Promise<void>> = {};

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  find(id: ConnectionId): ConnectionView | undefined {
    return this.all.find((connection) => connection.id === id);
  }

  /** The accounts of one integration, the oldest first, so that cards stay where they are. */
  of(integration: IntegrationId): ConnectionView[] {
    return this.all
      .filter((connection) => connection.integration === integration)
      .sort((a, b) => a.connected_at.localeCompare(b.connected_at));
  }

  put(connection: ConnectionView): void {
    const at = this.all.findIndex(({ id }) => id === connection.id);
    if (at < 0) {
      this.all.push(connection);
      return;
    }
    // What a test found is over once something else is the case.
    if (this.all[at]?.status.kind !== connection.status.kind && this.tests[connection.id]?.running === false) delete this.tests[connection.id];
    this.all[at] = connection;
  }

  remove(id: ConnectionId): void {
    this.all = this.all.filter((connection) => connection.id !== id);
    delete this.tests[id];
  }

  async setPaused(id: ConnectionId, paused: boolean): Promise<void> {
    await this.#atOnce(id, { status: paused ? { kind: "paused" } : { kind: "unproven" } }, () => this.#hub.setPaused(id, paused));
  }

  async rename(id: ConnectionId, name: string | null): Promise<void> {
    await this.#atOnce(id, { name }, () => this.#hub.rename(id, name));
  }

  /** Shows what will be before the hub has said so; taken back should it say no. */
  async #atOnce(id: ConnectionId, change: Partial<ConnectionView>, ask: () => Promise<ConnectionView>): Promise<void> {
    const before = this.find(id);
    if (before !== undefined) this.put({ ...before, ...change });
    const guessed = this.find(id);
    try {
      await this.#answered(id, ask());
    } catch (thrown) {
      // An event that came meanwhile knows better than what was there before.
      if (before !== undefined && this.find(id) === guessed) this.put(before);
      throw thrown;
    }
  }

  async setTokenAllowed(id: ConnectionId, allowed: boolean): Promise<void> {
    await this.#answered(id, this.#hub.setTokenAllowed(id, allowed));
  }

  #answered(id: ConnectionId, asked: Promise<ConnectionView>): Promise<void> {
    return answered(() => this.find(id), asked, (answer) => this.put(answer));
  }

  /**
   * One real call, step by step. A failing test is an answer and stays with the connection. Whoever asks while one is
   * under way waits for its answer.
   */
  test(id: ConnectionId): Promise<void> {
    return (this.#testing[id] ??= this.#test(id).finally(() => delete this.#testing[id]));
  }

  async #test(id: ConnectionId): Promise<void> {
    this.tests[id] = { running: true, steps: { vault: "running" }, results: [], error: null };
    try {
      const asked = this.#hub.test(id);
      await this.#answered(id, asked.then(({ connection }) => connection));
      const report = await asked;
      // It may be gone meanwhile, and its runs with it.
      if (this.tests[id] === undefined) return;
      const steps: TestRun["steps"] = {};
      for (const { step, ok } of report.steps) steps[step] = ok ? "ok" : "failed";
      this.tests[id] = { running: false, steps, results: report.steps, error: report.error };
    } catch (thrown) {
      this.tests[id] = { running: false, steps: {}, results: [], error: asHubError(thrown) };
    }
  }

  forgetTest(id: ConnectionId): void {
    delete this.tests[id];
  }

  /** A step moved. Tests asked for elsewhere (in a terminal, say) aren't shown here. */
  progress({ connection, step, ok }: TestProgress): void {
    const run = this.tests[connection];
    if (!run?.running) return;
    run.steps[step] = ok === null ? "running" : ok ? "ok" : "failed";
  }
}
