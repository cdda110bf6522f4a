# petsc_modules(NAMES): the names under which pkg-config is asked for PETSc, the first that there is.
#
# Debian calls its real, double, 64-bit-index build PETSc64, beside which its PETSc may have 32-bit indices; other systems
# call their only build PETSc. A folder of PKG_CONFIG_PATH or a prefix of CMAKE_PREFIX_PATH that has one comes before
# what the system has: there PETSc is what was meant, whatever Debian calls its own.
function(petsc_modules names)
  set(known PETSc64 PETSc petsc)
  file(TO_CMAKE_PATH "$ENV{PKG_CONFIG_PATH}" folders)
  foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
    list(APPEND folders ${prefix}/lib/pkgconfig)
  endforeach()
  foreach(folder IN LISTS folders)
    foreach(name IN LISTS known)
      if(EXISTS ${folder}/${name}.pc)
        set(${names} ${name} PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
  set(${names} ${known} PARENT_SCOPE)
endfunction()
