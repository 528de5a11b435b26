#include "adapters/driving/cli/plugin/workshop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/regex/regex.h"
#include "adapters/driving/cli/settings.h"

int workshop_open(const struct invocation *inv, struct workshop *out, struct error *err)
{
    *out = (struct workshop){0};
    int rc = settings_load(inv, &out->config, err);
    if (!rc)
        rc = places_new(out->config, &out->places, err);
    if (!rc)
        rc = crypto_module_new(places_modules(out->places), &out->crypto, err);
    if (!rc)
        rc = regex_module_new(places_modules(out->places), &out->regex, err);
    if (!rc)
        out->checker.regex = regex_module_port(out->regex);
    return rc;
}

void workshop_close(struct workshop *w)
{
    regex_module_free(w->regex);
    crypto_module_free(w->crypto);
    places_free(w->places);
    config_free(w->config);
}

int workshop_verify(struct workshop *w, int at, const char *name, struct record **out,
                    struct error *err)
{
    const struct plugin_checks checks = plugin_checker_functions(&w->checker);
    const struct bundle_rules rules = {.checks = &checks,
                                       .crypto = crypto_module_port(w->crypto),
                                       .trust = trust_here(false)};
    struct record *record;
    int rc = bundle_verify(&rules, at, "", name, &record, err);
    if (rc)
        return rc;
    if (record->refusal != REFUSED_NOT) {
        rc = error_set(err, ST_DENIED, "%.*s", STR_ARG(record_text(record, TEXT_REASON)));
        free(record);
        return rc;
    }
    *out = record;
    return ST_OK;
}

static int digest_bytes(struct workshop *w, struct str bytes, char out[DIGEST_TEXT],
                        struct error *err)
{
    const struct crypto_port *crypto = crypto_module_port(w->crypto);
    uint8_t sum[SHA256_BYTES];
    int rc = crypto->sha256(crypto->ctx, bytes, sum, err);
    if (rc)
        return rc;
    int len = snprintf(out, DIGEST_TEXT, "sha256:");
    for (size_t i = 0; i < SHA256_BYTES; i++)
        len += snprintf(out + len, DIGEST_TEXT - (size_t)len, "%02x", sum[i]);
    return ST_OK;
}

int workshop_digest(struct workshop *w, int fd, char out[DIGEST_TEXT], struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return error_set(err, ST_INVALID, "is no regular file");
    if (st.st_size == 0)
        return digest_bytes(w, STR(""), out, err);
    size_t size = (size_t)st.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_set(err, ST_UNAVAILABLE, "cannot be read: %s", strerror(errno));
    int rc = digest_bytes(w, (struct str){bytes, size}, out, err);
    munmap(bytes, size);
    return rc;
}
