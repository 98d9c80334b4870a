/* SPDX-License-Identifier: MIT */
/*
 * A module that has MODULE's functions as C_GetFunctionList gives them, and no interfaces. In front of OpenSC's pkcs11-spy: when asked
 * for its interfaces, that one writes them where it was told only to count them.
 */
#include "pkcs11.h"

#include <dlfcn.h>

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ppFunctionList)
{
    CK_RV (*own)(CK_FUNCTION_LIST_PTR_PTR) = NULL_PTR;
    void *module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL_PTR) { return CKR_GENERAL_ERROR; }
    *(void **)&own = dlsym(module, "C_GetFunctionList");
    return own == NULL_PTR ? CKR_GENERAL_ERROR : own(ppFunctionList);
}
