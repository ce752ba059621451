// The npm package smpp as a centre: node_centre.js {"ids", "before", "throttled", "tls", "replies"}; prints a line of
// JSON for its port, each submission and each answer to a delivery.
const smpp = require('smpp');
const fs = require('fs');
const how = JSON.parse(process.argv[2]);
const tell = (what) => console.log(JSON.stringify(what));
const options = how.tls ? { key: fs.readFileSync(how.tls.key), cert: fs.readFileSync(how.tls.cert) } : {};
let count = 1500000000;
let throttled = how.throttled || 0;

function serve(session) {
  session.on('error', () => {});
  const bind = (pdu) => {
    tell({ bind: pdu.system_id, command: pdu.command });
    if (pdu.password !== 'secret') {
      session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
      return;
    }
    session.send(pdu.response({ system_id: 'node' }));
    for (const text of how.replies || []) {
      session.deliver_sm({
        source_addr_ton: 1, source_addr_npi: 1, source_addr: '33612345678', destination_addr: '36180', data_coding: 0, short_message: text,
      }, (answer) => tell({ reply: answer.command_status }));
    }
  };
  for (const name of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) session.on(name, bind);
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { tell({ unbind: true }); session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const refused = throttled > 0;
    const body = pdu.short_message.message || (pdu.message_payload || {}).message;
    tell({
      submit: pdu.destination_addr, from: pdu.source_addr, ton: pdu.source_addr_ton, coding: pdu.data_coding,
      text: body.toString(), udh: (pdu.short_message.udh || []).length, refused,
      sar: [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum],
    });
    if (refused) {
      throttled -= 1;
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return;
    }
    const number = count++;
    const id = how.ids === 'hex' ? number.toString(16) : String(number);
    const answer = () => session.send(pdu.response({ message_id: id }));
    const receipt = () => session.deliver_sm({
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
      short_message: `id:${number} sub:001 dlvrd:001 submit date:2606241000 done date:2606241000 stat:DELIVRD err:000 text:`,
    }, (pdu_resp) => tell({ delivered: pdu_resp.command_status }));
    if (how.before) receipt();
    answer();
    if (!how.before && pdu.registered_delivery) receipt();
  });
}

const server = smpp.createServer(options, serve);
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
