import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { BucketEndpoint } from './s3-client.js';

/** What of a request is signed. */
export interface Signable {
  /** The path as it is sent, escaped. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs GET requests to one bucket (Signature Version 4), or leaves them as they are where there are no credentials. */
export class RequestSigner {
  readonly #endpoint: BucketEndpoint;
  readonly #signature: SignatureV4 | undefined;
  /** The server's time, once ours was found to be wrong. */
  #time: Date | undefined;

  constructor(endpoint: BucketEndpoint, credentials: AwsCredentialIdentityProvider | undefined) {
    this.#endpoint = endpoint;
    this.#signature =
      credentials === undefined
        ? undefined
        : new SignatureV4({
            credentials,
            region: endpoint.signingRegion,
            service: endpoint.signingName,
            sha256: Sha256,
            // The path of a key is signed as it is sent.
            uriEscapePath: false,
            applyChecksum: false,
          });
  }

  /** The headers of the request, with its signature. */
  async sign({ path, headers }: Signable): Promise<Record<string, string>> {
    if (this.#signature === undefined) return headers;
    const { protocol, hostname } = this.#endpoint.url;
    const signed = await this.#signature.sign(
      { method: 'GET', protocol, hostname, path, query: {}, headers },
      this.#time === undefined ? {} : { signingDate: this.#time },
    );
    return signed.headers;
  }

  /**
   * Signs with the server's time from now on: a signature holds for a quarter of an hour, after which the server tells its
   * time again. False where it has not told it.
   */
  adoptTime(serverTime: string | undefined): boolean {
    const time = new Date(serverTime ?? '');
    if (Number.isNaN(time.getTime())) return false;
    this.#time = time;
    return true;
  }
}
