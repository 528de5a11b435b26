/*
 * address.h - e-mail addresses and URLs.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing is looked up: whether somebody reads the mail, or the page is there, is another question.
 */
#pragma once

#include "texts.h"

/* The Mailbox of RFC 5321, 254 bytes at most, with the letters of RFC 6531 (not only ASCII), but for
 * address literals ([192.0.2.1]) and domains of one label (localhost). Domains by IDNA 2008. */
text_check address_email;

/* An http or https URL by RFC 3986, with a host. */
text_check address_url;
