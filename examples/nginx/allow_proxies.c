/* Lets nginx take the proxy certificates of RFC 3820, as the grid has them.
 *
 * OpenSSL refuses them unless a program asks for them, and since version 1.1.0 the environment variable
 * OPENSSL_ALLOW_PROXY_CERTS is of no use any more. nginx does not ask; this does so in its place, for each TLS context:
 *
 *     cc -shared -fPIC -O2 -o /usr/local/lib/allow_proxies.so allow_proxies.c
 *     LD_PRELOAD=/usr/local/lib/allow_proxies.so nginx
 */

#define _GNU_SOURCE
#include <dlfcn.h>

#define X509_V_FLAG_ALLOW_PROXY_CERTS 0x40

void *SSL_CTX_new(const void *method)
{
    void *(*make)(const void *) = (void *(*)(const void *)) dlsym(RTLD_NEXT, "SSL_CTX_new");
    void *(*terms)(void *) = (void *(*)(void *)) dlsym(RTLD_NEXT, "SSL_CTX_get0_param");
    int (*add)(void *, unsigned long) = (int (*)(void *, unsigned long)) dlsym(RTLD_NEXT, "X509_VERIFY_PARAM_set_flags");
    void *context = make ? make(method) : 0;

    if (context && terms && add)
        add(terms(context), X509_V_FLAG_ALLOW_PROXY_CERTS);
    return context;
}
