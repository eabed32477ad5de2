// Stripe's Node library against the sandbox. Reads {"task", ...} from standard input and writes what it found as JSON.
import { text } from "node:stream/consumers";
import Stripe from "stripe";

const VERSION = "2026-08-26.dahlia"; // the sandbox's; this release of the library would ask for a newer one
const asked = JSON.parse(await text(process.stdin));

function client() {
  const { hostname, port } = new URL(asked.url);
  return new Stripe(asked.key, {
    host: hostname, port, protocol: "http", apiVersion: VERSION, maxNetworkRetries: 0, telemetry: false,
  });
}

const tasks = {
  async pay() {
    const stripe = client();
    const params = { amount: 1250, currency: "usd", payment_method: "pm_card_visa", confirm: true };
    const key = { idempotencyKey: "witness:1" };
    const first = await stripe.paymentIntents.create(params, key);
    const again = await stripe.paymentIntents.create(params, key);
    const other = await stripe.paymentIntents.create({ ...params, amount: 1300 }, key).catch((error) => error);
    const listed = await stripe.paymentIntents.list({ limit: 100, created: { gte: first.created } });
    return {
      first: first.id, status: first.status, again: again.id,
      replayed: again.lastResponse.headers["idempotent-replayed"], refusal: other.type, listed: listed.data.length,
    };
  },
  async session() {
    const stripe = client();
    const session = await stripe.checkout.sessions.create({
      mode: "payment", success_url: "https://example.com/return", metadata: { attempt_id: "N1" },
      line_items: [{ quantity: 2, price_data: { currency: "usd", unit_amount: 625, product_data: { name: "Permit" } } }],
    });
    const expired = await stripe.checkout.sessions.expire(session.id);
    const refusal = await stripe.checkout.sessions.expire(session.id).catch((error) => error);
    return { total: session.amount_total, url: session.url, expired: expired.status, refusal: refusal.type };
  },
  async sign() {
    const { payload, secret, timestamp } = asked;
    return { header: Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) };
  },
  async read() {
    try {
      const event = Stripe.webhooks.constructEvent(asked.payload, asked.header, asked.secret);
      return { id: event.id, type: event.type };
    } catch (error) {
      return { refusal: error.type };
    }
  },
};

process.stdout.write(JSON.stringify(await tasks[asked.task]()));
