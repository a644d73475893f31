import { ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { state as sdkState } from '@aws-sdk/core/client';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { EndpointV2 } from '@smithy/types';
import type { S3Access, S3Limits } from './s3-access.js';

import type { S3Agents } from './s3-agents.js';
import { S3Failure } from './s3-failure.js';
import { SILENT_LOGGER } from './s3-silent-logger.js';

export interface ClientOptions {
  /** A bucket's name, or the ARN of an access point. */
  readonly bucket: string;
  readonly access: S3Access;
  readonly limits: S3Limits;
  readonly agents: S3Agents;
  /** The bucket's region, where it is known better than by configuration. */
  readonly region?: string;
}

/** Where a bucket is reached, and what signatures for it say. */
export interface BucketEndpoint {
  /** The address of the bucket, without a slash at its end. */
  readonly url: URL;
  readonly signingRegion: string;
  readonly signingName: string;
  /** False for the endpoints of AWS itself. */
  readonly isCustom: boolean;
}

/** Where no region is configured: it answers for the buckets of all regions, if only with the name of the right one. */
const FALLBACK_REGION = 'us-east-1';

/**
 * The SDK's client, with its default chains for credentials, region and endpoint. It tries every request once: repeating is
 * our business, as it must be for bodies too.
 */
export async function makeClient(options: ClientOptions): Promise<S3Client> {
  // Which versions of Node this program runs on is said by its own package.
  sdkState.warningEmitted = true;
  const config = clientConfig(options);
  const asConfigured = new S3Client(config);
  const region = options.region ?? options.access.region ?? (await configuredRegion(asConfigured));
  // Elsewhere than at AWS, a bucket need not be a host name; an access point always is.
  const forcePathStyle = !options.bucket.startsWith('arn:') && (await hasCustomEndpoint(asConfigured));
  return new S3Client({ ...config, region, forcePathStyle });
}

async function configuredRegion({ config }: S3Client): Promise<string> {
  return config.region().catch(() => FALLBACK_REGION);
}

async function hasCustomEndpoint({ config }: S3Client): Promise<boolean> {
  return config.isCustomEndpoint === true || (await config.serviceConfiguredEndpoint?.()) !== undefined;
}

function clientConfig({ access, limits, agents }: ClientOptions): S3ClientConfig {
  const { endpointUrl, profile, noSignRequest } = access;
  return {
    maxAttempts: 1,
    useArnRegion: true,
    customUserAgent: 'awsusage',
    logger: SILENT_LOGGER,
    requestHandler: new NodeHttpHandler({
      httpAgent: agents.http,
      httpsAgent: agents.https,
      connectionTimeout: limits.connectTimeoutMs,
      requestTimeout: limits.readTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: limits.readTimeoutMs,
      logger: SILENT_LOGGER,
    }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(profile === undefined ? {} : { profile }),
    ...(noSignRequest === true ? UNSIGNED : {}),
  };
}

/** The SDK asks for credentials even where nothing is signed. */
const UNSIGNED = {
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  signer: { sign: <T>(request: T) => Promise.resolve(request) },
};

/**
 * Where the client reaches a bucket.
 * @throws S3Failure for a bucket that cannot have an address
 */
export async function findEndpoint({ config }: S3Client, bucket: string): Promise<BucketEndpoint> {
  const { url, properties } = await resolveEndpoint(config, bucket);
  const schemes = (properties?.['authSchemes'] ?? []) as readonly AuthScheme[];
  const scheme = schemes.find(({ name }) => name === 'sigv4');
  return {
    url,
    signingRegion: scheme?.signingRegion ?? (await config.region()),
    signingName: scheme?.signingName ?? 's3',
    isCustom: config.isCustomEndpoint === true,
  };
}

async function resolveEndpoint(config: S3Client['config'], bucket: string): Promise<EndpointV2> {
  try {
    return await getEndpointFromInstructions({ Bucket: bucket }, ListObjectsV2Command, config);
  } catch (error) {
    throw new S3Failure('EndpointError', {
      text: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

interface AuthScheme {
  readonly name: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
}
