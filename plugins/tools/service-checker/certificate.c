/*
 * SPDX-License-Identifier: MIT
 */
#include "certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Cuts at a whole character: what is cut is shown as UTF-8. */
static void copy_text(char *out, size_t room, const char *from, size_t len)
{
    if (len >= room) {
        len = room - 1;
        while (len && ((unsigned char)from[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(out, from, len);
    out[len] = '\0';
}

static void write_name(const X509_NAME *name, char *out, size_t room)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    long len = bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0
                   ? BIO_get_mem_data(bio, &text)
                   : 0;
    copy_text(out, room, len > 0 ? text : "", len > 0 ? (size_t)len : 0);
    BIO_free(bio);
}

static void write_time(const ASN1_TIME *time, char *out, size_t room)
{
    struct tm tm;
    if (!ASN1_TIME_to_tm(time, &tm) || !strftime(out, room, "%Y-%m-%dT%H:%M:%SZ", &tm))
        out[0] = '\0';
}

static int is_plain(const unsigned char *text, int len)
{
    for (int i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] >= 0x7f)
            return 0;
    return len > 0;
}

static void write_address(const ASN1_OCTET_STRING *address, char *out, size_t room)
{
    const unsigned char *b = ASN1_STRING_get0_data(address);
    int len = ASN1_STRING_length(address);
    if (len == 4)
        snprintf(out, room, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    else if (len == 16)
        for (int i = 0; i < 16; i += 2)
            snprintf(out + strlen(out), room - strlen(out), "%s%x", i ? ":" : "",
                     (unsigned)(b[i] << 8 | b[i + 1]));
}

static void read_names(X509 *x, struct certificate *out)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && out->name_count < CERTIFICATE_NAMES_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        char *to = out->names[out->name_count];
        if (name->type == GEN_DNS &&
            is_plain(ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName)))
            copy_text(to, sizeof(out->names[0]), (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                      (size_t)ASN1_STRING_length(name->d.dNSName));
        else if (name->type == GEN_IPADD)
            write_address(name->d.iPAddress, to, sizeof(out->names[0]));
        out->name_count += to[0] != '\0';
    }
    GENERAL_NAMES_free(names);
}

void certificate_read(X509 *x, struct certificate *out)
{
    int days = 0, seconds = 0;
    *out = (struct certificate){.name_count = 0};
    write_name(X509_get_subject_name(x), out->subject, sizeof(out->subject));
    write_name(X509_get_issuer_name(x), out->issuer, sizeof(out->issuer));
    write_time(X509_get0_notBefore(x), out->not_before, sizeof(out->not_before));
    write_time(X509_get0_notAfter(x), out->not_after, sizeof(out->not_after));
    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x));
    out->days_left = seconds < 0 ? days - 1 : days;
    read_names(x, out);
}
