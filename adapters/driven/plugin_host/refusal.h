/* Why a plugin is not used: a short stable word beside the text for people. */
#pragma once

enum refusal {
    REFUSED_NOT,         /* nothing speaks against it                                   */
    REFUSED_FILE,        /* a file is missing, unreadable, too large or no regular file */
    REFUSED_MANIFEST,    /* plugin.json breaks a rule                                   */
    REFUSED_FOLDER_NAME, /* the folder is not named as the plugin                       */
    REFUSED_PERMISSION,  /* others could have changed it                                */
    REFUSED_SYMLINK,     /* a link leads out of the folder                              */
    REFUSED_ELF,         /* plugin.so is no shared library for this machine             */
    REFUSED_SYMBOL,      /* one of the two exported symbols is missing                  */
    REFUSED_ABI,         /* compiled for an ABI that this host does not serve           */
    REFUSED_MISMATCH,    /* manifest and binary disagree                                */
    REFUSED_DIGEST,      /* plugin.so is not the file that the manifest names           */
    REFUSED_ISOLATION,   /* it demands isolation, which this host cannot give           */
    REFUSED_DUPLICATE,   /* another plugin has the same id                              */
    REFUSED_ABSENT,      /* it was asked for and is nowhere                             */
    REFUSED_HELD,        /* it is not any more what was trusted                         */
    REFUSED_COUNT,
};

/* E.g. "manifest-invalid"; "" for REFUSED_NOT. */
const char *refusal_name(enum refusal why);
