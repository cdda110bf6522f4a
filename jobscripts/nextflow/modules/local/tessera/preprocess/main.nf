// Corrects, cuts and compresses patterns: a new file of data, its run file, and a picture of each step.
process TESSERA_PREPROCESS {
    tag "${meta.id}"
    label 'parallel'

    input:
    tuple val(meta), path(config), path(data), path(extra, stageAs: '*')

    output:
    tuple val(meta), path('preprocess/data.yaml'), path('preprocess/data.h5'), emit: run
    path 'preprocess', emit: folder
    path 'versions.yml', emit: versions

    script:
    def launch = params.ranks > 1 ? "${params.launcher} ${params.ranks} " : ''
    """
    mkdir preprocess
    ${launch}${params.tessera} preprocess ${config} --set 'data.file=${data}' --set preprocess.output=preprocess/data.h5 \\
      ${Checks.options(meta.sets)}

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    mkdir -p preprocess/data_steps
    touch preprocess/data.yaml preprocess/data.h5 versions.yml
    """
}
