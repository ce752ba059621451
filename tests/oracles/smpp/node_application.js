// The npm package smpp as an application: node_application.js {"host", "port", "password", "tls"}; prints JSON.
const smpp = require('smpp');
const how = JSON.parse(process.argv[2]);
const told = { answers: {}, receipts: [], replies: [] };
const session = smpp.connect({ host: how.host, port: how.port, tls: !!how.tls, ca: how.tls, servername: 'localhost' });
const fail = (error) => { console.error(error); process.exit(1); };
setTimeout(() => fail('timeout ' + JSON.stringify(told)), 25000).unref();
session.on('error', fail);
const ask = (name, values) => new Promise((resolve) => session[name](values, resolve));
session.on('deliver_sm', (pdu) => {
  const body = pdu.short_message.message || pdu.message_payload.message;
  (pdu.esm_class & 4 ? told.receipts : told.replies).push({ text: body, id: pdu.receipted_message_id });
  session.send(pdu.response());
});
const from = { source_addr_ton: 5, source_addr: 'SHOP' };
const to = { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '33612345678' };
async function main() {
  told.bind = (await ask('bind_transceiver', { system_id: 'shop', password: how.password })).command_status;
  if (told.bind) return;
  const note = async (name, values, key) => {
    const pdu = await ask(name, values);
    told.answers[key || name] = { status: pdu.command_status, id: pdu.message_id, state: pdu.message_state };
    return pdu;
  };
  const sent = await note('submit_sm', { ...from, ...to, registered_delivery: 1, short_message: 'Prêt à 20 € ½' });
  const query = { message_id: sent.message_id, ...from };
  await note('query_sm', query, 'query before');
  // The coding of a message stays when its text is replaced.
  const text = Buffer.from('Prêt à 18 €', 'utf16le').swap16();
  await note('replace_sm', { ...query, short_message: text });
  await note('cancel_sm', { ...query, ...to });
  await note('query_sm', query, 'query after');
  await note('data_sm', { ...from, ...to, message_payload: 'x'.repeat(1000) });
  await note('submit_multi', {
    ...from,
    short_message: 'pour tous',
    dest_address: [
      { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '33600000001' },
      { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '33600000002' },
    ],
  });
  told.enquire = (await ask('enquire_link', {})).command_status;
  while (!told.replies.length) await new Promise((resolve) => setTimeout(resolve, 10));
  told.unbind = (await ask('unbind', {})).command_status;
}
main().then(() => { console.log(JSON.stringify(told)); process.exit(0); }, fail);
