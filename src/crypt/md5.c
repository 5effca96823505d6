/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/md5.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct crypt_md5 {
	EVP_MD *method;
	EVP_MD_CTX *context;
};

struct crypt_md5 *crypt_md5_new(void)
{
	struct crypt_md5 *md5 = calloc(1, sizeof(*md5));

	if (md5 == NULL) {
		return NULL;
	}
	md5->method = EVP_MD_fetch(NULL, "MD5", NULL);
	md5->context = EVP_MD_CTX_new();
	if (md5->method == NULL || md5->context == NULL) {
		crypt_md5_free(md5);
		return NULL;
	}
	return md5;
}

void crypt_md5_free(struct crypt_md5 *md5)
{
	if (md5 == NULL) {
		return;
	}
	EVP_MD_CTX_free(md5->context);
	EVP_MD_free(md5->method);
	free(md5);
}

bool crypt_md5_answer(struct crypt_md5 *md5, uint8_t out[CRYPT_MD5_BYTES], struct tg_span challenge,
                      struct tg_span secret)
{
	unsigned len = 0;

	memset(out, 0, CRYPT_MD5_BYTES);
	return EVP_DigestInit_ex2(md5->context, md5->method, NULL) == 1 &&
	       EVP_DigestUpdate(md5->context, challenge.p, challenge.len) == 1 &&
	       EVP_DigestUpdate(md5->context, secret.p, secret.len) == 1 &&
	       EVP_DigestFinal_ex(md5->context, out, &len) == 1 && len == CRYPT_MD5_BYTES;
}
