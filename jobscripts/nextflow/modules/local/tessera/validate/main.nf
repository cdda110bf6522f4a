// Checks run file, data and output without computing: by the first command that will read them.
process TESSERA_VALIDATE {
    tag "${meta.id}"

    input:
    tuple val(meta), path(config), path(data), path(extra, stageAs: '*')
    val steps

    output:
    tuple val(meta), path('validate.log'), emit: log
    path 'versions.yml', emit: versions

    script:
    def command = ['preprocess', 'calibrate', 'reconstruct'].find { it in steps }
    """
    ${params.tessera} ${command} ${config} --dry-run --set 'data.file=${data}' --set output.directory=validate \\
      ${command == 'preprocess' ? '--set preprocess.output=validate.h5' : ''} ${Checks.options(meta.sets)} >validate.log

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    touch validate.log versions.yml
    """
}
