/** The stand-in's policy: callers with their rules, and what a person decides about one write. */

import { callerKey } from "../words.ts";
import type { ActionView, Caller, CallerView, ConnectionView, Error as HubError, Event, Request, Response } from "./bindings.ts";
import { asking, asks, callers, letter, type Asked } from "./fake_callers.ts";
import type { FakeLife } from "./fake_life.ts";
import type { World } from "./fake_world.ts";

export type PolicyRequest = Extract<
  Request,
  { request: "list_callers" | "admit_caller" | "set_rules" | "clear_taint" | "forget_caller" | "decide" }
>;

const error = (code: HubError["code"], args: Record<string, string>): HubError => ({ code, args, retry_after_s: null, detail: null });

export class FakePolicy {
  callers: CallerView[];
  readonly #life: FakeLife;
  readonly #emit: (event: Event) => void;

  constructor(world: World, life: FakeLife, emit: (event: Event) => void) {
    this.#life = life;
    this.#emit = emit;
    this.callers = world.agents ? callers(Date.now(), world.connections) : [];
    if (world.asks) life.actions.unshift(...asks(Date.now(), world.connections).reverse());
  }

  answer(request: PolicyRequest): Response {
    const at = new Date().toISOString();
    switch (request.request) {
      case "list_callers":
        return { response: "callers", value: this.callers };
      case "admit_caller": {
        const admission = request.admit ? ({ admission: "admitted", at } as const) : ({ admission: "refused", at } as const);
        return this.#change(request.caller, { admission, writes: request.writes });
      }
      case "set_rules": {
        const { rules, writes, budget } = request;
        if (rules.some(({ limits }) => limits.folders.includes("/nowhere"))) {
          throw error("invalid_input", { field: "folders", reason: "There is no folder /nowhere." });
        }
        return this.#change(request.caller, { rules, writes, budget });
      }
      case "clear_taint":
        return this.#change(request.caller, { taint: null });
      case "forget_caller":
        this.callers = this.callers.filter(({ caller }) => callerKey(caller) !== callerKey(request.caller));
        this.#emit({ event: "caller_removed", caller: request.caller });
        return { response: "done" };
      case "decide":
        return { response: "action", value: this.#decide(request) };
    }
  }

  /** A write comes in that has to be asked about. */
  ask(connection: ConnectionView, content = letter(), asked: Asked = {}): ActionView {
    const action = asking(Date.now(), connection, content, asked);
    this.#life.add(action);
    return action;
  }

  find(caller: Caller): CallerView {
    const found = this.callers.find((known) => callerKey(known.caller) === callerKey(caller));
    if (found === undefined) throw error("invalid_input", { field: "caller", reason: "Nobody of that name has asked." });
    return found;
  }

  change(caller: Caller, more: Partial<CallerView>): CallerView {
    const found = Object.assign(this.find(caller), more);
    this.#emit({ event: "caller_changed", caller: found });
    return found;
  }

  #change = (caller: Caller, more: Partial<CallerView>): Response => ({ response: "caller", value: this.change(caller, more) });

  #decide({ id, decision }: Extract<PolicyRequest, { request: "decide" }>): ActionView {
    const action = this.#life.actions.find((known) => known.id === id);
    if (action === undefined) throw error("unknown_action", { action: id });
    if (action.state.state !== "awaiting_approval") throw error("too_late", { state: action.state.state });
    const { content } = action;
    if (decision === "deny") {
      action.content = null;
      action.files = [];
      return this.#life.move(id, { state: "denied", at: new Date().toISOString() });
    }
    if (decision === "always" && action.caller.kind === "workflow") {
      throw error("invalid_input", { reason: "There are no recipients that a rule could name. Approve it once instead." });
    }
    if (decision === "always" && content !== null) {
      const recipients =
        content.action === "send_email" ? [...content.to, ...content.cc, ...content.bcc] : content.action === "send_message" ? [content.chat] : [];
      const limits = { recipients, per_day: null, folders: [] };
      const rules = [...this.find(action.caller).rules, { connection: action.connection, capability: action.capability, effect: "allow" as const, limits }];
      this.change(action.caller, { rules });
    }
    return this.#life.release(id);
  }
}
