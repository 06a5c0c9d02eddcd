/** The vectors of what is typed and of contexts, by the boundary that the frames use, for both builds of the engine. */
import { expect, test } from "@playwright/test";
import { BUILDS, type Build, freshEngine, merchant, origin, payload, vault } from "./engine.ts";
import { vectors } from "./vectors.ts";

interface Expected {
  readonly expect: string;
  readonly code?: string;
}

async function emptyForm(build: Build, today = "2026-11") {
  const { formOf } = await freshEngine(build);
  const [year = 0, month = 0] = today.split("-").map(Number);
  return formOf(year, month);
}

type Form = Awaited<ReturnType<typeof emptyForm>>;

function type(form: Form, field: string, text: string): void {
  form.edit(field, text, text.length, "replace");
}

function judged(form: Form, field: string): Expected {
  const { complete, potentiallyValid, error } = form.view(field);
  const code = error && { code: error };
  return { expect: complete ? "complete" : potentiallyValid ? "incomplete" : "invalid", ...code };
}

function expected({ expect, code }: Expected): Expected {
  return { expect, ...(code && { code }) };
}

for (const build of BUILDS) {
  test(`${build}: numbers are judged as the vectors say`, async () => {
    const form = await emptyForm(build);
    form.accept(payload(), vault, merchant, origin);
    for (const vector of vectors<Expected & { digits: string; brand?: string }>("number")) {
      type(form, "number", vector.digits);
      expect(judged(form, "number"), vector.name).toEqual(expected(vector));
      if (vector.brand) expect(form.report("number", []).brand, vector.name).toBe(vector.brand);
    }
  });

  test(`${build}: expiry dates are read, shown and judged as the vectors say`, async () => {
    for (const vector of vectors<Expected & { today: string; text: string; shown: string }>("expiry")) {
      const form = await emptyForm(build, vector.today);
      const { text } = form.edit("expiry", vector.text, vector.text.length, "insert");
      expect(text, vector.name).toBe(vector.shown);
      expect(judged(form, "expiry"), vector.name).toEqual(expected(vector));
    }
  });

  test(`${build}: security codes are judged by brand as the vectors say`, async () => {
    const numbers: Record<string, string> = {
      visa: "4242424242424242",
      "american-express": "378282246310005",
    };
    for (const vector of vectors<Expected & { digits: string; brand: string | null }>("cvc")) {
      const form = await emptyForm(build);
      if (vector.brand) type(form, "number", numbers[vector.brand] ?? "");
      type(form, "cvc", vector.digits);
      expect(judged(form, "cvc"), vector.name).toEqual(expected(vector));
    }
  });

  test(`${build}: names are taken or refused as the vectors say`, async () => {
    const form = await emptyForm(build);
    for (const vector of vectors<{ expect: string; name: string }>("holder")) {
      type(form, "name", vector.name);
      const { complete, error } = form.view("name");
      expect(complete ? "complete" : error, vector.name).toBe(vector.expect);
    }
  });

  test(`${build}: edits leave text and caret as the vectors say`, async () => {
    interface Edits {
      readonly field: string;
      readonly steps: readonly {
        edit: string;
        text: string;
        caret: number;
        shown: string;
        shown_caret: number;
      }[];
    }
    for (const { name, field, steps } of vectors<Edits>("edit")) {
      const form = await emptyForm(build);
      for (const { edit, text, caret, shown, shown_caret } of steps)
        expect(form.edit(field, text, caret, edit), name).toEqual({ text: shown, caret: shown_caret });
    }
  });

  test(`${build}: contexts are taken or refused as the vectors say`, async () => {
    for (const vector of vectors<{ expect: string; payload: string }>("context")) {
      const form = await emptyForm(build);
      // As the sealer of direct mode asks: of no merchant, and of the vault's own origin for a program.
      const direct = vector.payload.includes('"via":"direct"');
      const from = direct && vector.payload.includes('"origins":[]') ? vault : origin;
      let outcome = "complete";
      try {
        form.accept(new TextEncoder().encode(vector.payload), vault, direct ? "" : "mer_1", from);
      } catch (thrown) {
        outcome = (thrown as { code: string }).code;
      }
      expect(outcome, vector.name).toBe(vector.expect);
    }
  });
}
