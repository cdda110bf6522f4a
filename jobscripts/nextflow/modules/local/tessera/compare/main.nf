// How near a result is to the reference that the sample sheet names.
process TESSERA_COMPARE {
    tag "${meta.id}"

    input:
    tuple val(meta), path(result), path(reference)

    output:
    tuple val(meta), path('compare.json'), emit: found
    path 'versions.yml', emit: versions

    script:
    """
    ${params.tessera} compare ${result}/result.emd ${reference} --json >compare.json

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    touch compare.json versions.yml
    """
}
